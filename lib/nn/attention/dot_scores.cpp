// The scores that are dot products of query and key:
//   dot         q·h                        (Luong et al. 2015, 3.1)
//   scaled_dot  q·h / √d                   (Vaswani et al. 2017)
//   general     q·W h, with keys W h       (Luong et al. 2015, 3.1)
//   cosine      τ √d q·h / (‖q‖ ‖h‖)       (after Graves et al. 2014)
// Keys and queries of cosine have length 1; τ is learned, initially 1.
#include <cmath>

#include "base/error.h"
#include "nn/attention/block_products.h"
#include "nn/attention/score_factories.h"
#include "nn/attention/score_projections.h"

namespace attn {
namespace {

// Computes e = a q·k for all keys and queries of a block.
void scaled_products(Real a, const ScoreBlock& x, Out energies) {
  dot_products(x.keys, x.queries, energies);
  energies.map() *= a;
}
// Overwrites d.denergies with the gradient of q·k.
void scaled_products_backward(Real a, const ScoreBlock& x, const ScoreBlockGrad& d) {
  d.denergies.map() *= a;
  add_query_sums(x.queries, d.denergies, d.dkeys);
  add_weighted_sums(x.keys, d.denergies, d.dqueries);
}

// a q·k with a constant a.
class ScaledDot : public ScoreKernel {
 public:
  explicit ScaledDot(Real scale) : scale_(scale) {}

  void energies(const Weights&, const ScoreBlock& x, Out energies) const override {
    scaled_products(scale_, x, energies);
  }
  void energies_backward(const Weights&, const ScoreBlock& x, const ScoreBlockGrad& d,
                         WeightGradients) const override {
    scaled_products_backward(scale_, x, d);
  }

 private:
  Real scale_;
};

// τ √d q·k with a learned τ.
class LearnedScaleDot : public ScoreKernel {
 public:
  LearnedScaleDot(Slot tau, Index size) : tau_(tau), root_(std::sqrt(static_cast<Real>(size))) {}

  void energies(const Weights& w, const ScoreBlock& x, Out energies) const override {
    scaled_products(*w.data(tau_) * root_, x, energies);
  }
  void energies_backward(const Weights& w, const ScoreBlock& x, const ScoreBlockGrad& d,
                         WeightGradients g) const override {
    for (Index q = 0; q < x.queries.cols(); ++q)
      for (Index j = 0; j < x.keys.cols(); ++j)
        *g.data(tau_) +=
            d.denergies(j, q) * root_ * dot(x.keys.rows(), x.keys.col(j), x.queries.col(q));
    scaled_products_backward(*w.data(tau_) * root_, x, d);
  }

 private:
  Slot tau_;
  Real root_;
};

AttentionScore make_scaled(const AttentionScoreSizes& sizes, Real scale) {
  ATTN_CHECK(sizes.value == sizes.state);
  return {.keys = make_identity_projection(sizes.value),
          .queries = make_identity_projection(sizes.state),
          .kernel = std::make_unique<ScaledDot>(scale),
          .operations = 2 * sizes.value};
}

}  // namespace

AttentionScore make_dot_score(Scope, const AttentionScoreSizes& sizes) {
  return make_scaled(sizes, 1);
}

AttentionScore make_scaled_dot_score(Scope, const AttentionScoreSizes& sizes) {
  return make_scaled(sizes, 1 / std::sqrt(static_cast<Real>(sizes.value)));
}

AttentionScore make_cosine_score(Scope at, const AttentionScoreSizes& sizes) {
  ATTN_CHECK(sizes.value == sizes.state);
  const Slot tau = at.vector("tau", 1, Role::scale);
  return {.keys = make_unit_length_projection(sizes.value),
          .queries = make_unit_length_projection(sizes.state),
          .kernel = std::make_unique<LearnedScaleDot>(tau, sizes.value),
          .operations = 2 * sizes.value};
}

AttentionScore make_general_score(Scope at, const AttentionScoreSizes& sizes) {
  const Slot w = at.matrix("w", sizes.state, sizes.value, Role::attention);
  return {.keys = make_linear_projection(w),
          .queries = make_identity_projection(sizes.state),
          .kernel = std::make_unique<ScaledDot>(Real(1)),
          .operations = 2 * sizes.state};
}

}  // namespace attn
