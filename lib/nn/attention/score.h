// Attention scores: functions from a query q and a source state h to an energy.
//   dot         q·h                        (Luong et al. 2015, 3.1)
//   scaled_dot  q·h / √d                   (Vaswani et al. 2017)
//   general     q·W h                      (Luong et al. 2015, 3.1)
//   cosine      τ √d q·h / (‖q‖ ‖h‖)       (after Graves et al. 2014)
//   gaussian    −‖q − h‖² / 2σ²            (Nadaraya 1964, Watson 1964)
//   additive    v·tanh(W q + U h)          (Bahdanau et al. 2015, A.1.2)
//   location    (W q)_j                    (Luong et al. 2015, eq. 8)
// A score consists of two projections and a kernel. The projections compute the keys from the
// source states, once per batch, and the queries from the decoder states. The kernel computes the
// energies of keys and queries.
#pragma once

#include <limits>
#include <memory>

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

// Maps states x to keys or queries y, column by column.
class ScoreProjection {
 public:
  explicit ScoreProjection(Index rows) : rows_(rows) {}
  virtual ~ScoreProjection() = default;
  ScoreProjection(const ScoreProjection&) = delete;
  ScoreProjection& operator=(const ScoreProjection&) = delete;

  // Returns the number of rows of y.
  Index rows() const { return rows_; }
  // Computes y [rows × columns] from x [state × columns].
  virtual void forward(const Weights& w, In x, Out y) const = 0;
  // Adds the gradient of x to dx.
  virtual void backward(const Weights& w, In x, In y, In dy, Out dx) const = 0;
  // Adds the gradients of the parameters to g.
  virtual void accumulate(In x, In dy, WeightGradients g) const = 0;

 private:
  Index rows_;
};

// Contiguous words of one source, and queries that are compared with each of them.
struct ScoreBlock {
  In keys;               // [key rows × words]
  In queries;            // [query rows × queries]
  In coverage;           // [words × queries] sums of past weights; empty without coverage
  Index first_position;  // position of the first word in the source
};

// The gradients of a ScoreBlock. All are accumulated into, except denergies.
struct ScoreBlockGrad {
  Out denergies;  // [words × queries] the gradient of the energies; may be overwritten
  Out dkeys, dqueries;
  Out dcoverage;  // empty without coverage
};

// The energies of a query do not depend on the other queries of its block, up to rounding.
class ScoreKernel {
 public:
  ScoreKernel() = default;
  virtual ~ScoreKernel() = default;
  ScoreKernel(const ScoreKernel&) = delete;
  ScoreKernel& operator=(const ScoreKernel&) = delete;

  // Computes the energies [words × queries].
  virtual void energies(const Weights& w, const ScoreBlock& x, Out energies) const = 0;
  // Adds the gradients of keys, queries and coverage to d, and those of the parameters to g.
  virtual void energies_backward(const Weights& w, const ScoreBlock& x, const ScoreBlockGrad& d,
                                 WeightGradients g) const = 0;
};

struct AttentionScore {
  std::unique_ptr<ScoreProjection> keys, queries;
  std::unique_ptr<ScoreKernel> kernel;
  Index operations;  // floating-point operations per energy
  // How many words at the beginning of a source can have a weight.
  Index max_positions = std::numeric_limits<Index>::max();
};

struct AttentionScoreSizes {
  Index value;               // rows of h
  Index state;               // rows of the decoder state
  Index hidden;              // size of the hidden layer of additive (n' in Bahdanau et al.)
  Index max_positions = 0;   // number of positions of location
  bool weight_norm = false;  // additive: weight normalization (Salimans and Kingma 2016)
  bool coverage = false;     // with the sum of past weights as input (Tu et al. 2016)
};

using MakeAttentionScore = AttentionScore (*)(Scope at, const AttentionScoreSizes& sizes);
struct AttentionScoreKind {
  MakeAttentionScore make;        // null: a fixed context instead of attention
  bool same_size = false;         // requires query and key of the same size
  bool uses_content = true;       // depends on the words, not on their positions alone
  bool has_hidden_layer = false;  // a hidden layer of size model.attention.hidden_size
  bool takes_coverage = false;    // is defined with AttentionScoreSizes::coverage
  bool scale_free = false;        // compares directions only; needs at least two dimensions
};
// Returns the table of all scores.
const Registry<AttentionScoreKind>& attention_scores();

}  // namespace attn
