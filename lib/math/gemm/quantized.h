// Numbers in 8 bits (after Jacob et al. 2018). Each row of a weight and each column of activations
// is divided by a scale and rounded:
//   W_ij ≈ a_i w_ij, w in −127 … 127     x_jt ≈ b_t z_jt, z in −Z … Z
// A scale is the largest magnitude of the row or column, divided by that of the rounded numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "math/types.h"

namespace attn {

// A weight [m × k].
struct QuantizedRows {
  std::vector<std::int8_t> numbers;  // w, row by row
  std::vector<float> scales;         // a_i
};

// Quantizes a weight [m × k] that is stored row by row.
QuantizedRows quantize_rows(const float* weight, Index m, Index k);

// Returns the largest magnitude of n numbers, or 0 if it is so small that its inverse would
// overflow.
float max_magnitude(const float* x, Index n);

}  // namespace attn
