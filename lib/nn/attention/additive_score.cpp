// The additive score (Bahdanau et al. 2015, A.1.2):
//   e_j = v·tanh(W q + U h_j)
// with weight normalization (Salimans and Kingma 2016):
//   e_j = g v/‖v‖·tanh(W q + U h_j + b)
// with coverage (after Tu et al. 2016), where κ_j is the sum of past weights of word j:
//   e_j = v·tanh(W q + U h_j + c κ_j)
#include <cmath>

#include "math/fast_math.h"
#include "nn/attention/score_factories.h"
#include "nn/attention/score_projections.h"

namespace attn {
namespace {

Real energy(Index n, const Real* __restrict v, const Real* __restrict k, const Real* __restrict q) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) sum += v[i] * fast_tanh(k[i] + q[i]);
  return sum;
}

Real covered_energy(Index n, const Real* __restrict v, const Real* __restrict k,
                    const Real* __restrict q, const Real* __restrict c, Real coverage) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) sum += v[i] * fast_tanh(k[i] + q[i] + c[i] * coverage);
  return sum;
}

// Computes tanh again instead of saving it: a sentence pair would need n' × S × T numbers, which
// take as long to read.
void energy_backward(Index n, Real de, const Real* __restrict v, const Real* __restrict k,
                     const Real* __restrict q, Real* __restrict dv, Real* __restrict dk,
                     Real* __restrict dq) {
  for (Index i = 0; i < n; ++i) {
    const Real t = fast_tanh(k[i] + q[i]);
    const Real d = de * v[i] * (1 - t * t);
    dv[i] += de * t;
    dk[i] += d;
    dq[i] += d;
  }
}

// Returns the gradient of the coverage.
Real covered_energy_backward(Index n, Real de, const Real* __restrict v, const Real* __restrict k,
                             const Real* __restrict q, const Real* __restrict c, Real coverage,
                             Real* __restrict dv, Real* __restrict dk, Real* __restrict dq,
                             Real* __restrict dc) {
  Real dcoverage = 0;
#pragma omp simd reduction(+ : dcoverage)
  for (Index i = 0; i < n; ++i) {
    const Real t = fast_tanh(k[i] + q[i] + c[i] * coverage);
    const Real d = de * v[i] * (1 - t * t);
    dv[i] += de * t;
    dk[i] += d;
    dq[i] += d;
    dc[i] += d * coverage;
    dcoverage += d * c[i];
  }
  return dcoverage;
}

// The vectors of the kernel: v; with weight normalization g, with coverage c.
struct AdditiveVectors {
  Slot v, g, c;
};

// Reads each key once for all queries of the block.
class Additive : public ScoreKernel {
 public:
  explicit Additive(const AdditiveVectors& vectors) : v_(vectors.v), g_(vectors.g), c_(vectors.c) {}

  void energies(const Weights& w, const ScoreBlock& x, Out energies) const override {
    const Real factor = scale(w);
    for (Index j = 0; j < x.keys.cols(); ++j)
      for (Index q = 0; q < x.queries.cols(); ++q)
        energies(j, q) = factor * pair_energy(w, x, j, q);
  }

  void energies_backward(const Weights& w, const ScoreBlock& x, const ScoreBlockGrad& d,
                         WeightGradients g) const override {
    const Real factor = scale(w);
    for (Index j = 0; j < x.keys.cols(); ++j)
      for (Index q = 0; q < x.queries.cols(); ++q) {
        const Real de = d.denergies(j, q);
        if (has_weight_norm()) norm_backward(w, factor * pair_energy(w, x, j, q), de, g);
        pair_energy_backward(w, x, j, q, factor * de, d, g);
      }
  }

 private:
  bool has_weight_norm() const { return g_.rows > 0; }
  bool has_coverage() const { return c_.rows > 0; }
  Real norm(const Weights& w) const { return std::sqrt(dot(v_.rows, w.data(v_), w.data(v_))); }
  // Returns g/‖v‖, or 1 without weight normalization.
  Real scale(const Weights& w) const { return has_weight_norm() ? *w.data(g_) / norm(w) : Real(1); }

  // Computes v·tanh(…) of key j and query q.
  Real pair_energy(const Weights& w, const ScoreBlock& x, Index j, Index q) const {
    const Real *v = w.data(v_), *key = x.keys.col(j), *query = x.queries.col(q);
    if (!has_coverage()) return energy(v_.rows, v, key, query);
    return covered_energy(v_.rows, v, key, query, w.data(c_), x.coverage(j, q));
  }
  void pair_energy_backward(const Weights& w, const ScoreBlock& x, Index j, Index q, Real de,
                            const ScoreBlockGrad& d, WeightGradients g) const {
    const Real *v = w.data(v_), *key = x.keys.col(j), *query = x.queries.col(q);
    Real *dv = g.data(v_), *dkey = d.dkeys.col(j), *dquery = d.dqueries.col(q);
    if (!has_coverage()) return energy_backward(v_.rows, de, v, key, query, dv, dkey, dquery);
    d.dcoverage(j, q) += covered_energy_backward(v_.rows, de, v, key, query, w.data(c_),
                                                 x.coverage(j, q), dv, dkey, dquery, g.data(c_));
  }

  // With e = g r and r = v·t / ‖v‖: adds the gradients of g and, through ‖v‖, of v.
  // pair_energy_backward() adds the gradient of v·t.
  void norm_backward(const Weights& w, Real e, Real de, WeightGradients g) const {
    *g.data(g_) += de * e / *w.data(g_);
    const Real length = norm(w);
    add_scaled(v_.rows, -de * e / (length * length), w.data(v_), g.data(v_));
  }

  Slot v_, g_, c_;
};

}  // namespace

AttentionScore make_additive_score(Scope at, const AttentionScoreSizes& sizes) {
  const Index n = sizes.hidden;
  const Slot w = at.matrix("w_query", n, sizes.state, Role::attention);
  const Slot u = at.matrix("w_key", n, sizes.value, Role::attention);
  const Slot v = at.vector("v", n, sizes.weight_norm ? Role::attention : Role::attention_vector);
  Slot g, b, c;
  if (sizes.weight_norm) g = at.vector("g", 1, Role::scale), b = at.vector("b", n);
  if (sizes.coverage) c = at.vector("w_coverage", n, Role::attention);
  return {.keys = make_linear_projection(u, b),
          .queries = make_linear_projection(w),
          .kernel = std::make_unique<Additive>(AdditiveVectors{v, g, c}),
          .operations = 2 * n};
}

}  // namespace attn
