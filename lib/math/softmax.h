// The softmax of n numbers, in place.
#pragma once

#include <algorithm>

#include "math/fast_math.h"
#include "math/ops.h"

namespace attn {

// α = e^x / Σ e^x. The largest is taken off first, so that nothing overflows.
inline void softmax(Index n, Real* x) {
  const Real top = *std::max_element(x, x + n);
  Real sum = 0;
  for (Index i = 0; i < n; ++i) {
    x[i] = fast_exp(x[i] - top);
    sum += x[i];
  }
  for (Index i = 0; i < n; ++i) x[i] /= sum;
}

// d = α∘(dα − α·dα); also that of a softmax over some of the words, the weights of the others being
// 0.
inline void softmax_backward(Index n, const Real* weights, Real* d) {
  const Real mean = dot(n, weights, d);
  for (Index i = 0; i < n; ++i) d[i] = weights[i] * (d[i] - mean);
}

}  // namespace attn
