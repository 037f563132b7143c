// Matrix products whose factors are rounded to bfloat16 (math/gemm/bfloat16.h). Sums are float32.
#pragma once

#include <cstdint>

#include "math/gemm/backend.h"

namespace attn {

// Compute c = or += op(a) op(b) with the conventions of onednn::multiply. The first function rounds
// b, the second a and b; the rounded numbers are stored in buffers of the calling thread. Throw Bug
// if Precision::bfloat16 is not available (math/gemm/precision.h).
void multiply_bf16(const Shape& shape, const std::uint16_t* a, Index lda, const float* b, Index ldb,
                   bool add, float* c, Index ldc);
void multiply_bf16(const Shape& shape, const float* a, Index lda, const float* b, Index ldb,
                   bool add, float* c, Index ldc);

}  // namespace attn
