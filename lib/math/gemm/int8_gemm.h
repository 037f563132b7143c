// Products of weights in eight bits (after Jacob et al. 2018): each row of a weight and each column
// of activations is divided by its largest number and rounded, the sums are whole numbers, exact:
//   W_ij ≈ a_i w_ij, w in −127 … 127     x_jt ≈ b_t z_jt, z in −Z … Z
//   y_it = a_i b_t Σ_j w_ij z_jt
// Z is 127 where the processor sums in 32 bits (VNNI), and 63 where it first sums two products in
// 16 bits, which then don't overflow.
#pragma once

#include "math/params.h"

namespace attn {

int max_quantized_activation();  // Z

// y = or += W x in eight bits, W [m × k] row by row; false, and nothing is done, where no
// FixedWeights lives (math/product.h). Threads: any number at once; a weight is quantized once.
bool multiply_int8(const float* weight, Index m, Index k, const float* x, Index x_stride, Index n,
                   bool add, float* y, Index y_stride);

}  // namespace attn
