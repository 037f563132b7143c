// bfloat16: the upper 16 bits of a float, with the range of a float and 8 bits of precision.
#pragma once

#include <bit>
#include <cstdint>

#include "math/types.h"

namespace attn {

// Returns x rounded to nearest, ties to even. NaN stays NaN.
inline std::uint16_t bfloat16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const std::uint32_t quiet = bits | 0x400000;
  return static_cast<std::uint16_t>(((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded) >> 16);
}

// Returns the exact value as a float.
inline float from_bfloat16(std::uint16_t x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}

// Rounds n numbers.
inline void to_bfloat16(Index n, const float* __restrict from, std::uint16_t* __restrict to) {
  for (Index i = 0; i < n; ++i) to[i] = bfloat16(from[i]);
}

// Rounds a column-major matrix into contiguous columns.
inline void to_bfloat16(Index rows, Index columns, const float* from, Index stride,
                        std::uint16_t* to) {
  if (stride == rows) return to_bfloat16(rows * columns, from, to);
  for (Index j = 0; j < columns; ++j) to_bfloat16(rows, from + j * stride, to + j * rows);
}

}  // namespace attn
