// Attention: energies → softmax over the sentence → the weighted sum of its states, the context.
//   e_ij = score(q_i, h_j)   α_i = softmax(e_i)   c_i = Σ_j α_ij h_j        (Bahdanau et al. 2015,
//   eq. 5 and 6)
// A sentence's states are one block of exactly its words: nothing is padded and nothing is masked.
#pragma once

#include <span>

#include "math/packing.h"
#include "math/workspace.h"
#include "nn/score.h"

namespace attn {

// What the decoder reads of the source, or the gradient of it. Sentence b owns the columns
// [begins[b], begins[b + 1]).
struct Memory {
  std::span<const Index> begins;
  View values;  // [D × tokens] h_j
  View keys;    // [A × tokens] what the score makes of them
  View first;   // [n × sentences] ←h_1, from which the decoder starts
  View last;    // [n × sentences] →h_Tx, the fixed context

  Index sentences() const { return static_cast<Index>(begins.size()) - 1; }
  Index begin(Index b) const { return begins[static_cast<std::size_t>(b)]; }
  Index length(Index b) const { return begin(b + 1) - begin(b); }
  auto of(View m, Index b) const { return m.middleCols(begin(b), length(b)); }
};

// One step's columns: the sentence that each reads, and where its weights stand. Column j's block
// starts at begins[j] and holds [length of the sentence] weights for each t.
struct Reading {
  std::span<const int> sentence;
  Real* weights;
  std::span<const Index> begins;
  Index t;

  Real* of(const Memory& memory, Index j) const {
    return weights + begins[static_cast<std::size_t>(j)] + t * memory.length(sentence_of(j));
  }
  Index sentence_of(Index j) const { return sentence[static_cast<std::size_t>(j)]; }
};

class Attention {
 public:
  Attention() = default;
  virtual ~Attention() = default;
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;

  virtual Index context_rows() const = 0;
  virtual Index query_rows() const = 0;  // of a query and of a key
  bool has_weights() const { return query_rows() > 0; }

  virtual void prepare(const Params& w, Memory& memory) const = 0;  // writes memory.keys
  // state [n × columns] → query, weights, context.
  virtual void step(const Params& w, const Memory& memory, const Reading& r, In state, Out query,
                    Out context) const = 0;

  // From dcontext; overwrites query by its gradient, adds to dstate, dmemory.keys and the score's
  // own vectors.
  virtual void step_backward(const Params& w, const Memory& memory, const Reading& r, In dcontext,
                             Out query, Params& g, Memory& dmemory, Out dstate,
                             Workspace& ws) const = 0;
  // Once, after all steps of a packed batch: what is left of g and dmemory. `r` holds the blocks of
  // all sentences, columns are in the packing's order.
  virtual void accumulate(const Params& w, const Memory& memory, const Packing& p, const Reading& r,
                          In states, In dqueries, In dcontexts, Params& g, Memory& dmemory,
                          Workspace& ws) const = 0;
};

// Without a score: the fixed context.
std::unique_ptr<Attention> make_attention(std::unique_ptr<Score> score, const ScoreSizes& sizes);

}  // namespace attn
