// The products of oneDNN, each run on the calling thread alone: the program's threads are those of
// base/parallel. Matrices are column-major, `ld…` numbers from a column to the next; op(a) is [m ×
// k], op(b) [k × n], c [m × n] = or += op(a) op(b), all sizes above 0.
//
// Bug: where oneDNN was not built in.
#pragma once

#include <cstdint>
#include <string>

#include "math/types.h"

namespace attn::onednn {

#if defined(ATTN_ONEDNN)
inline constexpr bool kAvailable = true;
#else
inline constexpr bool kAvailable = false;
#endif

enum class Transpose { no, yes };

struct Shape {
  Transpose a, b;
  Index m, n, k;
};

std::string name();  // "oneDNN 2.6.3"

void multiply(const Shape& shape, const float* a, Index lda, const float* b, Index ldb, bool add,
              float* c, Index ldc);

// Of bfloat16, summed in float. Whether this processor has instructions for them:
bool multiplies_bfloat16();
void multiply(const Shape& shape, const std::uint16_t* a, Index lda, const std::uint16_t* b,
              Index ldb, bool add, float* c, Index ldc);

// Of bytes: sums [m × n] = W (X − zero), W [m × k] row by row, X [k × n] column by column. Unless
// the processor sums them whole, sums of two products must fit in 16 bits.
bool sums_bytes_whole();
void multiply_bytes(const std::int8_t* w, Index m, Index k, const std::uint8_t* x,
                    std::uint8_t zero, Index n, std::int32_t* sums);

}  // namespace attn::onednn
