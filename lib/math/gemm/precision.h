// The precision of products with weights, and of their gradients.
#pragma once

namespace attn {

enum class Precision {
  float32,
  bfloat16,  // factors rounded to bfloat16, sums in float32
  int8,      // factors rounded to 8 bits, exact sums (math/gemm/quantized.h); only for W x
};

// Returns whether the build and the processor support the precision. If Real is double, products
// are always in double and only float32 counts as available.
bool available(Precision precision);

}  // namespace attn
