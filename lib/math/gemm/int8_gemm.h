// Products of a weight and activations in 8 bits (math/gemm/quantized.h). The integer sums are
// exact:
//   y_it = a_i b_t Σ_j w_ij z_jt
// Z is 127 on processors that add in 32 bits (VNNI). It is 63 on others, which add two products in
// 16 bits, so that these sums do not overflow.
#pragma once

#include "math/gemm/quantized.h"

namespace attn {

// Returns Z.
int max_quantized_activation();

// Computes y [m × n] = or += W x, W [m × k].
void multiply_int8(const QuantizedRows& w, Index m, Index k, const float* x, Index x_stride,
                   Index n, bool add, float* y, Index y_stride);

}  // namespace attn
