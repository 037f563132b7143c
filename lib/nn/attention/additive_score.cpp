// The additive score (Bahdanau et al. 2015, A.1.2):
//   e_j = v·tanh(W q + U h_j)
// with weight normalization (Salimans and Kingma 2016):
//   e_j = g v/‖v‖·tanh(W q + U h_j + b)
// with coverage (after Tu et al. 2016), where κ_j is the sum of past weights of word j:
//   e_j = v·tanh(W q + U h_j + c κ_j)
#include "nn/attention/additive_score.h"

#include "math/fast_math.h"

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

class Additive : public AttentionScore {
 public:
  Additive(Scope at, const AttentionScoreSizes& sizes)
      : weight_norm_(sizes.weight_norm),
        w_(at.matrix("w_query", sizes.hidden, sizes.state, Role::attention)),
        u_(at.matrix("w_key", sizes.hidden, sizes.value, Role::attention)),
        v_(at.vector("v", sizes.hidden, weight_norm_ ? Role::attention : Role::attention_vector)) {
    if (weight_norm_) g_ = at.vector("g", 1, Role::scale), b_ = at.vector("b", sizes.hidden);
    if (sizes.coverage) c_ = at.vector("w_coverage", sizes.hidden, Role::attention);
  }

  Index key_rows() const override { return v_.rows; }
  Index query_rows() const override { return v_.rows; }

  void keys(const Weights& w, In values, Out keys) const override {
    product(w, u_, values, keys);
    if (weight_norm_) add_bias(w.data(b_), keys);
  }
  void query(const Weights& w, In state, Out query) const override { product(w, w_, state, query); }

  void energies(const Weights& w, const KeyBlock& block, const Real* query,
                Real* energies) const override {
    const Index n = key_rows();
    const Real* v = w.data(v_);
    const Real factor = weight_norm_ ? scale(w) : Real(1);
    for (Index j = 0; j < block.keys.cols(); ++j) {
      const Real* k = block.keys.col(j);
      const Real e = block.coverage ? covered_energy(n, v, k, query, w.data(c_), block.coverage[j])
                                    : energy(n, v, k, query);
      energies[j] = factor * e;
    }
  }

  void energies_backward(const Weights& w, const KeyBlock& block, const Real* query,
                         const Real* denergies, WeightGradients g, Out dkeys, Real* dquery,
                         Real* dcoverage) const override {
    const Index n = key_rows();
    const Real* v = w.data(v_);
    const Real factor = weight_norm_ ? scale(w) : Real(1);
    for (Index j = 0; j < block.keys.cols(); ++j) {
      const Real* k = block.keys.col(j);
      const Real de = factor * denergies[j];
      if (weight_norm_) norm_backward(w, block, j, query, denergies[j], g);
      if (block.coverage)
        dcoverage[j] += covered_energy_backward(n, de, v, k, query, w.data(c_), block.coverage[j],
                                                g.data(v_), dkeys.col(j), dquery, g.data(c_));
      else
        energy_backward(n, de, v, k, query, g.data(v_), dkeys.col(j), dquery);
    }
  }

  void query_backward(const Weights& w, In, In, In dquery, Out dstate) const override {
    add_transposed_product(w, w_, dquery, dstate);
  }
  void keys_backward(const Weights& w, In, In, In dkeys, Out dvalues) const override {
    add_transposed_product(w, u_, dkeys, dvalues);
  }
  void accumulate(In values, In dkeys, In states, In dqueries, WeightGradients g) const override {
    add_outer_product(dkeys, values, g, u_);
    if (weight_norm_) add_bias_gradient(dkeys, g.data(b_));
    add_outer_product(dqueries, states, g, w_);
  }

 private:
  Real norm(const Weights& w) const { return std::sqrt(dot(v_.rows, w.data(v_), w.data(v_))); }
  Real scale(const Weights& w) const { return *w.data(g_) / norm(w); }

  // With e = g r and r = v·t / ‖v‖: adds the gradients of g and, through ‖v‖, of v.
  // energy_backward() adds the gradient of v·t.
  void norm_backward(const Weights& w, const KeyBlock& block, Index j, const Real* query, Real de,
                     WeightGradients g) const {
    Real e;
    const KeyBlock word{ConstMatrixView(block.keys.col(j), block.keys.rows(), 1, block.keys.rows()),
                        block.first_position + j, block.coverage ? block.coverage + j : nullptr};
    energies(w, word, query, &e);
    *g.data(g_) += de * e / *w.data(g_);
    const Real length = norm(w);
    add_scaled(v_.rows, -de * e / (length * length), w.data(v_), g.data(v_));
  }

  bool weight_norm_;
  Slot w_, u_, v_, g_, b_, c_;
};

}  // namespace

std::unique_ptr<AttentionScore> make_additive_score(Scope at, const AttentionScoreSizes& sizes) {
  return std::make_unique<Additive>(at, sizes);
}

}  // namespace attn
