// Attention scores: how well does a source word answer a query?
//   dot       q·h                          (Luong et al. 2015, 3.1)
//   scaled_dot  q·h / √d                   (Vaswani et al. 2017)
//   general   q·W h                        (Luong et al. 2015, 3.1)
//   cosine    τ √d q·h / (‖q‖ ‖h‖)         (after Graves et al. 2014)
//   gaussian  −‖q − h‖² / 2σ²              (Nadaraya 1964, Watson 1964)
//   additive  v·tanh(W q + U h)            (Bahdanau et al. 2015, A.1.2)
//   location  (W q)_j                      (Luong et al. 2015, eq. 8)
// A score makes keys of the source words, once a batch, and queries of the decoder's states, once a
// step; an energy is a function of one query and one key.
#pragma once

#include <limits>
#include <memory>

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

// D rows of what stands for a source word, n of what asks, A of the hidden layer of additive (n' in
// the paper).
struct AttentionScoreSizes {
  Index memory, state, attention;
  Index max_positions = 0;   // number of positions of location
  bool weight_norm = false;  // additive: with g v/‖v‖ and a bias (Salimans and Kingma 2016)
  bool coverage = false;     // additive: is told the sum of past weights (Tu et al. 2016)
};

// Words of one sentence, side by side.
struct KeyBlock {
  ConstView keys;        // [key rows × words]
  Index first_position;  // number of the first word in the sentence
  const Real* coverage;  // of each word, where the score was made with coverage
};

// Backward is split by when it can be done: energies_backward each step, the rest once, over all
// columns. What a function adds to is named d….
class AttentionScore {
 public:
  AttentionScore() = default;
  virtual ~AttentionScore() = default;
  AttentionScore(const AttentionScore&) = delete;
  AttentionScore& operator=(const AttentionScore&) = delete;

  virtual Index key_rows() const = 0;
  virtual Index query_rows() const = 0;
  // Words from the sentence's first that can have a weight.
  virtual Index max_positions() const { return std::numeric_limits<Index>::max(); }
  // Products of an energy, in floating point operations.
  virtual Index operations() const { return 2 * key_rows(); }

  virtual void keys(const Params& w, In values, Out keys) const = 0;
  virtual void query(const Params& w, In state, Out query) const = 0;
  // One query against a block of words → an energy for each.
  virtual void energies(const Params& w, const KeyBlock& block, const Real* query,
                        Real* energies) const = 0;

  // Also adds to the gradients of the score's own vectors.
  virtual void energies_backward(const Params& w, const KeyBlock& block, const Real* query,
                                 const Real* denergies, Params& g, Out dkeys, Real* dquery,
                                 Real* dcoverage) const = 0;
  virtual void query_backward(const Params& w, In state, In query, In dquery, Out dstate) const = 0;
  virtual void keys_backward(const Params& w, In values, In keys, In dkeys, Out dvalues) const = 0;
  // The matrices' gradients.
  virtual void accumulate(In values, In dkeys, In states, In dqueries, Params& g) const = 0;
};

using MakeAttentionScore = std::unique_ptr<AttentionScore> (*)(Scope at,
                                                               const AttentionScoreSizes& sizes);
struct AttentionScoreKind {
  MakeAttentionScore make;        // null: no attention, but a fixed context
  bool same_size = false;         // requires query and key of the same size
  bool uses_content = true;       // depends on the words, not on their positions alone
  bool has_hidden_layer = false;  // of size model.attention.hidden_size
  bool scale_free = false;        // compares directions only; needs at least two dimensions
};
const Registry<AttentionScoreKind>& attention_scores();

}  // namespace attn
