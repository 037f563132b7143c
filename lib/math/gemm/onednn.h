// Matrix products by oneDNN. Each runs on the calling thread only; the threads of the program are
// those of base/parallel. Matrices are column-major, and `ld…` is the distance between columns. All
// functions except the queries throw Bug if the program was built without oneDNN.
#pragma once

#include <cstdint>
#include <string>

#include "math/gemm/backend.h"

namespace attn::onednn {

#if defined(ATTN_ONEDNN)
inline constexpr bool kAvailable = true;
#else
inline constexpr bool kAvailable = false;
#endif

// Returns name and version: "oneDNN 2.6.3".
std::string name();

// Computes c = or += op(a) op(b).
void multiply(const Shape& shape, const float* a, Index lda, const float* b, Index ldb, bool add,
              float* c, Index ldc);

// Returns whether DNNL_MAX_CPU_ISA, which limits the instructions of oneDNN, permits AMX, which
// other products then use too. Returns true if the program was built without oneDNN.
bool allows_amx();

// Returns whether the processor has instructions for products of bfloat16.
bool has_bfloat16();
// Computes c = or += op(a) op(b) for bfloat16 factors with float32 sums.
void multiply(const Shape& shape, const std::uint16_t* a, Index lda, const std::uint16_t* b,
              Index ldb, bool add, float* c, Index ldc);

// Returns whether the processor adds products of bytes in 32 bits (VNNI). Otherwise it adds pairs
// of products in 16 bits, which must not overflow.
bool has_vnni();
// Computes sums [m × n] = W (X − zero), W [m × k] row by row, X [k × n] column by column.
void multiply_bytes(const std::int8_t* w, Index m, Index k, const std::uint8_t* x,
                    std::uint8_t zero, Index n, std::int32_t* sums);

}  // namespace attn::onednn
