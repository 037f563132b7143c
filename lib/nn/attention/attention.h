// Attention: energies → weights → the weighted sum of the source's states, the context.
//   e_ij = score(q_i, h_j)   α_i = normalizer(e_i)   c_i = Σ_j α_ij h_j   (Bahdanau et al. 2015,
//   eq. 5 and 6)
// With several heads each has its own projection of q and h and attends by itself; their contexts,
// one below the other, are projected again (Vaswani et al. 2017, 3.2.2):
//   c_i = W_o [c_i¹; …; c_iᴴ],   c_iʰ = Σ_j α_ijʰ V_h h_j,   e_ijʰ = score_h(Q_h q_i, K_h h_j)
// A sentence's states are one block of exactly its words: nothing is padded and nothing is masked.
//
// In two levels, for sources that are documents: one normalizer for the words of each sentence s
// and one for the sentences, each with a score of its own (after Nallapati et al. 2016, 2.4, and
// Yang et al. 2016, 2.2), so that a word counts by its sentence too:
//   α_ij = β_is α_isj
//   α_isj = normalizer(score(q_i, h_j) of the words j of s)   β_i = normalizer(score'(q_i, h'_s))
// The code calls these sentences the segments of a source; a sentence is a source.
#pragma once

#include <span>

#include "math/packing.h"
#include "math/workspace.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"
#include "nn/dropout.h"

namespace attn {

// Rows that scores need for a source word, or for a part.
struct LevelRows {
  Index keys = 0;       // what the scores compare
  Index projected = 0;  // of h_j, before the scores; 0: they take h_j itself
};

// Rows that attention needs for a source word, a part and a column.
struct AttentionRows {
  LevelRows words, segments;
  Index contents = 0;  // what is summed; 0: h_j itself
  Index tape = 0;      // kept for a column, and its gradient
};

// Rows of what an encoder gives.
struct EncoderOutputRows {
  Index values;        // of h_j
  Index first;         // of what the decoder starts from
  Index last;          // of the fixed context; 0: there is none
  Index segments = 0;  // of h'_s; 0: attention is to words alone
};

// What scores read of the sources: their words, or their segments. Source b owns the columns
// [begins[b], begins[b + 1]).
struct EncoderLevel {
  std::span<const Index> begins;
  View values;     // [D × columns] h_j
  View keys;       // [keys × columns]
  View projected;  // [projected × columns]

  Index sentences() const { return static_cast<Index>(begins.size()) - 1; }
  Index begin(Index b) const { return begins[static_cast<std::size_t>(b)]; }
  Index length(Index b) const { return begin(b + 1) - begin(b); }
};

// What the decoder reads of the sources, or the gradient of it: the level of their words, and
struct EncoderOutput : EncoderLevel {
  View contents;  // [contents × tokens]
  View first;  // [first × sentences] what the decoder starts from: ←h_1, or the mean of the h_j
  View last;   // [last × sentences] →h_Tx, the fixed context
  EncoderLevel segments;                  // h'_s of the sentences of a document
  std::span<const Index> segment_begins;  // of each part its first word; segments + 1

  // The words of source b's part s, counted from its first.
  Span segment(Index b, Index s) const {
    const auto at = static_cast<std::size_t>(segments.begin(b) + s);
    return {segment_begins[at] - begin(b), segment_begins[at + 1] - begin(b)};
  }
};

// One step's columns: the sentence that each reads, and where its weights stand. Column j's block
// starts at begins[j] and has [length of the sentence] weights for each step that is kept, this one
// being number `row`; those of the next head stand `head` numbers further on.
struct AttentionStep {
  std::span<const int> sentence;
  Real* weights;
  std::span<const Index> begins;
  Index head;
  Index t, row;
  DropoutContext noise = {};
  std::span<const std::uint64_t> example_ids = {};  // of the columns, for what is random
  // In backward: what else the objective has to do with the weights (as `weights`; null: nothing),
  // and for weights that were drawn how much better than expected each column's target did.
  const Real* dweights = nullptr;
  std::span<const Real> advantages = {};

  Index at(const EncoderOutput& memory, Index j) const {
    return begins[static_cast<std::size_t>(j)] + row * memory.length(sentence_of(j));
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
  virtual const AttentionRows& rows() const = 0;
  virtual int heads() const = 0;           // 0: no weights
  virtual bool is_stochastic() const = 0;  // its weights are drawn in training
  // Rows that go from step to step with the decoder's state, for sources of at most this length.
  virtual Index attention_state_rows(Index longest) const = 0;

  // What is made of memory.values: the rest of the memory but first and last.
  virtual void prepare(const Params& w, EncoderOutput& memory) const = 0;
  // state [n × columns], carried before → tape, weights, context, carried after.
  virtual void step(const Params& w, const EncoderOutput& memory, const AttentionStep& r, In state,
                    In carried, Out tape, Out context, Out next_attention_state) const = 0;

  // From dcontext and the gradient of what is carried on; overwrites the tape by its gradient where
  // accumulate needs that, adds to dstate, dattention_state, dmemory and the scores' own vectors.
  virtual void step_backward(const Params& w, const EncoderOutput& memory, const AttentionStep& r,
                             In state, In carried, In dcontext, In dnext_attention_state, Out tape,
                             Params& g, EncoderOutput& dmemory, Out dstate, Out dattention_state,
                             Workspace& ws) const = 0;
  // Once, after all steps of a packed batch: what is left of g and dmemory. `r` holds the blocks of
  // all sentences, columns are in the packing's order.
  virtual void accumulate(const Params& w, const EncoderOutput& memory, const Packing& p,
                          const AttentionStep& r, In states, In tapes, In dcontexts, Params& g,
                          EncoderOutput& dmemory, Workspace& ws) const = 0;
};

struct AttentionOptions {
  std::string score = "additive", normalizer = "softmax", window = "global";
  AttentionScoreSizes sizes;  // of h_j, of the decoder's state, and of the score's own hidden layer
  Index projection = 0;       // rows of the projections, all heads together; 0: none, and one head
  Index summary = 0;          // rows of the fixed context
  Index segments = 0;         // rows of h'_s, for attention in two levels
  int heads = 1;
  double dropout = 0;
  NormalizerOptions normalizer_options;
  int window_width = 0;
  Index window_size = 0;  // of the hidden layer that predicts a place
};
std::unique_ptr<Attention> make_attention(Scope at, const AttentionOptions& options);

}  // namespace attn
