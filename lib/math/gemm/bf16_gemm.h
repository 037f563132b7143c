// Products in sixteen bits: factors are rounded to bfloat16 (math/bfloat16.h), sums are floats.
#pragma once

#include <cstdint>

#include "math/gemm/onednn.h"

namespace attn {

// c = or += op(a) op(b), as onednn::multiply has it; b, and in the second a too, is rounded here,
// into memory that the calling thread keeps. Bug: without Precision::bfloat16 (math/precision.h).
void multiply_bf16(const onednn::Shape& shape, const std::uint16_t* a, Index lda, const float* b,
                   Index ldb, bool add, float* c, Index ldc);
void multiply_bf16(const onednn::Shape& shape, const float* a, Index lda, const float* b, Index ldb,
                   bool add, float* c, Index ldc);

}  // namespace attn
