// Products of a weight and activations in 8 bits (after Jacob et al. 2018). Each row of the weight
// and each column of activations is scaled by its largest magnitude and rounded; the integer sums
// are exact:
//   W_ij ≈ a_i w_ij, w in −127 … 127     x_jt ≈ b_t z_jt, z in −Z … Z
//   y_it = a_i b_t Σ_j w_ij z_jt
// Z is 127 on processors that add in 32 bits (VNNI). It is 63 on others, which add two products in
// 16 bits, so that these sums do not overflow.
#pragma once

#include "math/params.h"

namespace attn {

// Returns Z.
int max_quantized_activation();

// Computes y = or += W x in 8 bits, W [m × k] row by row. Does nothing and returns false if no
// FixedWeights exists (math/gemm/product.h). A weight is quantized once per FixedWeights. Any
// number of threads may call it at the same time.
bool multiply_int8(const float* weight, Index m, Index k, const float* x, Index x_stride, Index n,
                   bool add, float* y, Index y_stride);

}  // namespace attn
