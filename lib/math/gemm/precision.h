// The precision of the calling thread's products with weights. The default is float32.
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

// Scope in which this thread computes products with weights, and their gradients, in the given
// precision. Products with a weight require that a FixedWeights exists too (math/gemm/product.h);
// otherwise they are in float32. Throws Bug if the precision is not available.
class WithPrecision {
 public:
  explicit WithPrecision(Precision precision);
  ~WithPrecision();
  WithPrecision(const WithPrecision&) = delete;
  WithPrecision& operator=(const WithPrecision&) = delete;

 private:
  Precision before_;
};

// Returns the current precision of this thread.
Precision precision();

}  // namespace attn
