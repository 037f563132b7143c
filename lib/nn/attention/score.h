// Attention scores: functions from a query q and a source state h to an energy.
//   dot         q·h                        (Luong et al. 2015, 3.1)
//   scaled_dot  q·h / √d                   (Vaswani et al. 2017)
//   general     q·W h                      (Luong et al. 2015, 3.1)
//   cosine      τ √d q·h / (‖q‖ ‖h‖)       (after Graves et al. 2014)
//   gaussian    −‖q − h‖² / 2σ²            (Nadaraya 1964, Watson 1964)
//   additive    v·tanh(W q + U h)          (Bahdanau et al. 2015, A.1.2)
//   location    (W q)_j                    (Luong et al. 2015, eq. 8)
// A score computes keys from the source states once per batch, queries from the decoder state once
// per step, and energies from pairs of a query and a key.
#pragma once

#include <limits>
#include <memory>

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

struct AttentionScoreSizes {
  Index value;               // rows of h
  Index state;               // rows of the decoder state
  Index hidden;              // size of the hidden layer of additive (n' in Bahdanau et al.)
  Index max_positions = 0;   // number of positions of location
  bool weight_norm = false;  // additive: weight normalization (Salimans and Kingma 2016)
  bool coverage = false;     // additive: with the sum of past weights as input (Tu et al. 2016)
};

// Contiguous words of one source.
struct KeyBlock {
  ConstMatrixView keys;  // [key rows × words]
  Index first_position;  // position of the block in the source
  const Real* coverage;  // sum of past weights of each word; null without coverage
};

// In the backward pass, energies_backward() runs per query, query_backward() per step, and the
// other functions run once for all steps. Outputs whose names start with d are accumulated into.
class AttentionScore {
 public:
  AttentionScore() = default;
  virtual ~AttentionScore() = default;
  AttentionScore(const AttentionScore&) = delete;
  AttentionScore& operator=(const AttentionScore&) = delete;

  // Return the number of rows of a key and of a query.
  virtual Index key_rows() const = 0;
  virtual Index query_rows() const = 0;
  // Returns how many words at the beginning of a source can have a weight.
  virtual Index max_positions() const { return std::numeric_limits<Index>::max(); }
  // Returns the number of floating-point operations per energy.
  virtual Index operations() const { return 2 * key_rows(); }

  // Computes the keys [key rows × words] from the source states [value × words].
  virtual void keys(const Weights& w, In values, Out keys) const = 0;
  // Computes the queries [query rows × columns] from the decoder states [state × columns].
  virtual void query(const Weights& w, In state, Out query) const = 0;
  // Computes the energies of one query and a block of words, one number per word.
  virtual void energies(const Weights& w, const KeyBlock& block, const Real* query,
                        Real* energies) const = 0;

  // Adds the gradients of energies() to dkeys and dquery, to dcoverage unless it is null, and to
  // the vectors' gradients in g.
  virtual void energies_backward(const Weights& w, const KeyBlock& block, const Real* query,
                                 const Real* denergies, WeightGradients g, Out dkeys, Real* dquery,
                                 Real* dcoverage) const = 0;
  // Adds the gradient of query() with respect to the decoder states to dstate.
  virtual void query_backward(const Weights& w, In state, In query, In dquery,
                              Out dstate) const = 0;
  // Adds the gradient of keys() with respect to the source states to dvalues.
  virtual void keys_backward(const Weights& w, In values, In keys, In dkeys, Out dvalues) const = 0;
  // Adds the gradients of the score's matrices to g.
  virtual void accumulate(In values, In dkeys, In states, In dqueries, WeightGradients g) const = 0;
};

using MakeAttentionScore = std::unique_ptr<AttentionScore> (*)(Scope at,
                                                               const AttentionScoreSizes& sizes);
struct AttentionScoreKind {
  MakeAttentionScore make;        // null: a fixed context instead of attention
  bool same_size = false;         // requires query and key of the same size
  bool uses_content = true;       // depends on the words, not on their positions alone
  bool has_hidden_layer = false;  // a hidden layer of size model.attention.hidden_size
  bool scale_free = false;        // compares directions only; needs at least two dimensions
};
// Returns the table of all scores.
const Registry<AttentionScoreKind>& attention_scores();

}  // namespace attn
