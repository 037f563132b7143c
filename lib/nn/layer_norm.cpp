#include "nn/layer_norm.h"

#include <cmath>

namespace attn {
namespace {

constexpr Real kEpsilon = Real(1e-5);

// Replaces x by x̂ and returns 1/σ.
Real normalize(Index n, Real* __restrict x) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) sum += x[i];
  const Real mean = sum / static_cast<Real>(n);
  for (Index i = 0; i < n; ++i) x[i] -= mean;
  const Real scale = 1 / std::sqrt(dot(n, x, x) / static_cast<Real>(n) + kEpsilon);
  for (Index i = 0; i < n; ++i) x[i] *= scale;
  return scale;
}

// Computes dx += (d − mean(d) − x̂ mean(d∘x̂)) / σ with d = g∘dy.
void backward_column(Index n, const Real* __restrict gain, const Real* __restrict normalized,
                     Real scale, const Real* __restrict dy, Real* __restrict dx) {
  Real mean = 0, mean_dot = 0;
#pragma omp simd reduction(+ : mean, mean_dot)
  for (Index i = 0; i < n; ++i) {
    const Real d = gain[i] * dy[i];
    mean += d;
    mean_dot += d * normalized[i];
  }
  mean /= static_cast<Real>(n), mean_dot /= static_cast<Real>(n);
  for (Index i = 0; i < n; ++i)
    dx[i] += scale * (gain[i] * dy[i] - mean - normalized[i] * mean_dot);
}

}  // namespace

void LayerNorm::forward(const Weights& w, In x, Out saved, Out y) const {
  const Index n = gain_.rows;
  const Real *gain = w.data(gain_), *bias = w.data(bias_);
  for (Index j = 0; j < x.cols(); ++j) {
    Real* normalized = saved.col(j);
    std::copy_n(x.col(j), n, normalized);
    normalized[n] = normalize(n, normalized);
    Real* out = y.col(j);
    for (Index i = 0; i < n; ++i) out[i] = gain[i] * normalized[i] + bias[i];
  }
}

void LayerNorm::backward(const Weights& w, In saved, In dy, Out dx) const {
  const Index n = gain_.rows;
  for (Index j = 0; j < dy.cols(); ++j)
    backward_column(n, w.data(gain_), saved.col(j), saved(n, j), dy.col(j), dx.col(j));
}

void LayerNorm::accumulate(In saved, In dy, WeightGradients g) const {
  const Index n = gain_.rows;
  Real* dgain = g.data(gain_);
  for (Index j = 0; j < dy.cols(); ++j) {
    const Real *normalized = saved.col(j), *d = dy.col(j);
    for (Index i = 0; i < n; ++i) dgain[i] += d[i] * normalized[i];
  }
  add_bias_gradient(dy, g.data(bias_));
}

}  // namespace attn
