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

// A pair of a key and a query: n numbers each of v, U h, W q and, with coverage, c.
struct AdditivePair {
  Index n;
  const Real *v, *key, *query, *c;
  Real coverage;
};

// The gradients of a pair's vectors, which are accumulated into.
struct AdditivePairGrad {
  Real *v, *key, *query, *c;
};

Real energy(const AdditivePair& x) {
  const Real* __restrict v = x.v, * __restrict k = x.key, * __restrict q = x.query;
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < x.n; ++i) sum += v[i] * fast_tanh(k[i] + q[i]);
  return sum;
}

Real covered_energy(const AdditivePair& x) {
  const Real* __restrict v = x.v;
  const Real* __restrict k = x.key;
  const Real* __restrict q = x.query;
  const Real* __restrict c = x.c;
  const Real coverage = x.coverage;
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < x.n; ++i) sum += v[i] * fast_tanh(k[i] + q[i] + c[i] * coverage);
  return sum;
}

// Computes tanh again instead of saving it: a sentence pair would need n' × S × T numbers, which
// take as long to read.
void energy_backward(const AdditivePair& x, Real de, const AdditivePairGrad& g) {
  const Real* __restrict v = x.v, * __restrict k = x.key, * __restrict q = x.query;
  Real* __restrict dv = g.v, * __restrict dk = g.key, * __restrict dq = g.query;
  const Index n = x.n;
#pragma omp simd
  for (Index i = 0; i < n; ++i) {
    const Real t = fast_tanh(k[i] + q[i]);
    const Real d = de * v[i] * (1 - t * t);
    dv[i] += de * t;
    dk[i] += d;
    dq[i] += d;
  }
}

// Returns the gradient of the coverage.
Real covered_energy_backward(const AdditivePair& x, Real de, const AdditivePairGrad& g) {
  const Real* __restrict v = x.v;
  const Real* __restrict k = x.key;
  const Real* __restrict q = x.query;
  const Real* __restrict c = x.c;
  Real* __restrict dv = g.v;
  Real* __restrict dk = g.key;
  Real* __restrict dq = g.query;
  Real* __restrict dc = g.c;
  const Real coverage = x.coverage;
  const Index n = x.n;
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
        pair_energy_backward(pair(w, x, j, q), factor * de, d, j, q, g);
      }
  }

 private:
  bool has_weight_norm() const { return g_.rows > 0; }
  bool has_coverage() const { return c_.rows > 0; }
  Real norm(const Weights& w) const { return std::sqrt(dot(v_.rows, w.data(v_), w.data(v_))); }
  // Returns g/‖v‖, or 1 without weight normalization.
  Real scale(const Weights& w) const { return has_weight_norm() ? *w.data(g_) / norm(w) : Real(1); }

  AdditivePair pair(const Weights& w, const ScoreBlock& x, Index j, Index q) const {
    return {v_.rows,
            w.data(v_),
            x.keys.col(j),
            x.queries.col(q),
            has_coverage() ? w.data(c_) : nullptr,
            has_coverage() ? x.coverage(j, q) : 0};
  }
  // Computes v·tanh(…) of key j and query q.
  Real pair_energy(const Weights& w, const ScoreBlock& x, Index j, Index q) const {
    return has_coverage() ? covered_energy(pair(w, x, j, q)) : energy(pair(w, x, j, q));
  }
  void pair_energy_backward(const AdditivePair& x, Real de, const ScoreBlockGrad& d, Index j,
                            Index q, WeightGradients g) const {
    AdditivePairGrad dx{g.data(v_), d.dkeys.col(j), d.dqueries.col(q), nullptr};
    if (!has_coverage()) return energy_backward(x, de, dx);
    dx.c = g.data(c_);
    d.dcoverage(j, q) += covered_energy_backward(x, de, dx);
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
