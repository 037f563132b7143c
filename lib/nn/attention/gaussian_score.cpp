// The Gaussian score: −‖q − h‖² / 2σ², σ² = d e^ρ, with a learned ρ, initially 0. With softmax, the
// attention weights are those of kernel regression (Nadaraya 1964, Watson 1964).
#include <cmath>

#include "base/error.h"
#include "nn/attention/score_factories.h"
#include "nn/attention/score_projections.h"

namespace attn {
namespace {

Real squared_distance(Index n, const Real* __restrict k, const Real* __restrict q) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) sum += (k[i] - q[i]) * (k[i] - q[i]);
  return sum;
}

// Returns the squared distance; adds d times half its gradient to dk and dq.
Real squared_distance_backward(Index n, Real d, const Real* __restrict k, const Real* __restrict q,
                               Real* __restrict dk, Real* __restrict dq) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) {
    const Real difference = k[i] - q[i];
    sum += difference * difference;
    dk[i] += d * difference;
    dq[i] -= d * difference;
  }
  return sum;
}

// Compares each pair: the matrix product in ‖q‖² + ‖k‖² − 2 q·k would cancel digits where query and
// key are close.
class Gaussian : public ScoreKernel {
 public:
  Gaussian(Slot rho, Index size) : rho_(rho), size_(static_cast<Real>(size)) {}

  void energies(const Weights& w, const ScoreBlock& x, Out energies) const override {
    const Real a = factor(w);
    for (Index q = 0; q < x.queries.cols(); ++q)
      for (Index j = 0; j < x.keys.cols(); ++j)
        energies(j, q) = a * squared_distance(x.keys.rows(), x.keys.col(j), x.queries.col(q));
  }
  void energies_backward(const Weights& w, const ScoreBlock& x, const ScoreBlockGrad& d,
                         WeightGradients g) const override {
    const Real a = factor(w);
    for (Index q = 0; q < x.queries.cols(); ++q)
      for (Index j = 0; j < x.keys.cols(); ++j)
        *g.data(rho_) -=
            a * d.denergies(j, q) *
            squared_distance_backward(x.keys.rows(), 2 * a * d.denergies(j, q), x.keys.col(j),
                                      x.queries.col(q), d.dkeys.col(j), d.dqueries.col(q));
  }

 private:
  Real factor(const Weights& w) const { return -1 / (2 * size_ * std::exp(*w.data(rho_))); }

  Slot rho_;
  Real size_;
};

}  // namespace

AttentionScore make_gaussian_score(Scope at, const AttentionScoreSizes& sizes) {
  ATTN_CHECK(sizes.value == sizes.state);
  const Slot rho = at.vector("rho", 1);
  return {.keys = make_identity_projection(sizes.value),
          .queries = make_identity_projection(sizes.state),
          .kernel = std::make_unique<Gaussian>(rho, sizes.value),
          .operations = 3 * sizes.value};
}

}  // namespace attn
