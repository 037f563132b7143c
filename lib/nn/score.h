// Attention scores: how well does a source word answer a query? (Luong et al. 2015, eq. 8; Bahdanau
// et al. 2015, A.1.2)
#pragma once

#include <memory>

#include "base/table.h"
#include "math/ops.h"
#include "math/product.h"

namespace attn {

// D rows of an encoder state, n of the decoder's, A of the attention's hidden layer (n' in the
// paper).
struct ScoreSizes {
  Index memory, state, attention;
};

// Backward is split by when it can be done: energies_backward each step, the rest once, over all
// columns.
class Score {
 public:
  Score() = default;
  virtual ~Score() = default;
  Score(const Score&) = delete;
  Score& operator=(const Score&) = delete;

  virtual Index rows() const = 0;  // of a key and of a query
  // Floating point operations of one energy, and of either half of its backward: those of products
  // alone.
  virtual Index operations() const = 0;

  virtual void keys(const Params& w, In values,
                    Out keys) const = 0;  // every source word, once a batch
  virtual void query(const Params& w, In state, Out query) const = 0;  // every column, once a step
  // One query [rows] against one sentence's keys [rows × S] → energies [S].
  virtual void energies(const Params& w, In keys, const Real* query, Real* energies) const = 0;

  // From the energies' gradient; adds to dkeys, dquery and the gradients of the score's own
  // vectors.
  virtual void energies_backward(const Params& w, In keys, const Real* query, const Real* denergies,
                                 Params& g, Out dkeys, Real* dquery) const = 0;
  virtual void query_backward(const Params& w, In dquery, Out dstate) const = 0;
  virtual void keys_backward(const Params& w, In dkeys, Out dvalues) const = 0;
  virtual void accumulate(In values, In dkeys, In states, In dqueries, Params& g) const = 0;
};

// A row that makes no Score asks for the fixed context of the RNN Encoder-Decoder.
using MakeScore = std::unique_ptr<Score> (*)(Scope at, const ScoreSizes& sizes);
const Table<MakeScore>& scores();

}  // namespace attn
