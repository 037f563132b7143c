// The precision of products with weights, and of their gradients.
#pragma once

namespace attn {

enum class Precision {
  float32,
  bfloat16,  // factors rounded to bfloat16, sums in float32 (math/gemm/bf16_gemm.h)
  int8,      // factors rounded to 8 bits, exact sums (math/gemm/int8_gemm.h); only for W x
};

// Returns whether the build and the processor support the precision. If Real is double, products
// are always in double and only float32 counts as available.
bool available(Precision precision);

}  // namespace attn
