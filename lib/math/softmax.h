// The softmax function and its gradient.
#pragma once

#include <algorithm>

#include "math/fast_math.h"
#include "math/ops.h"

namespace attn {

// Replaces x, a vector of size n, by α = e^x / Σ e^x. Subtracts the maximum first to avoid
// overflow.
inline void softmax(Index n, Real* x) {
  const Real top = *std::max_element(x, x + n);
  Real sum = 0;
  for (Index i = 0; i < n; ++i) {
    x[i] = fast_exp(x[i] - top);
    sum += x[i];
  }
  for (Index i = 0; i < n; ++i) x[i] /= sum;
}

// Replaces d = dα by dx = α ∘ (dα − αᵀ dα). Also correct for a softmax over a subset, if the other
// weights are 0.
inline void softmax_backward(Index n, const Real* weights, Real* d) {
  const Real mean = dot(n, weights, d);
  for (Index i = 0; i < n; ++i) d[i] = weights[i] * (d[i] - mean);
}

}  // namespace attn
