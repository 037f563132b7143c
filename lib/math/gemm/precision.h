// What products of weights are made with, by the thread that makes them: float32, unless something
// here says otherwise.
#pragma once

namespace attn {

enum class Precision {
  float32,
  bfloat16,  // factors rounded to sixteen bits, sums in float32 (math/bf16_gemm)
  int8,      // factors rounded to eight bits, exact sums (math/int8_gemm); W x alone
};

// Whether this build, on this processor, has such products. In double there is nothing but itself.
bool available(Precision precision);

// While one lives, products of this thread with the weights of a FixedWeights that lives too, and
// their gradients, are made so (math/product.h). Bug: a precision that is not available.
class WithPrecision {
 public:
  explicit WithPrecision(Precision precision);
  ~WithPrecision();
  WithPrecision(const WithPrecision&) = delete;
  WithPrecision& operator=(const WithPrecision&) = delete;

 private:
  Precision before_;
};

Precision precision();  // of this thread, now

}  // namespace attn
