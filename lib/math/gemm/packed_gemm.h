// Products of a packed matrix and a few columns on the calling thread. Blocks of the result stay in
// registers, and panels of the matrix stay in the caches (Goto and van de Geijn, "Anatomy of
// high-performance matrix multiplication", 2008).
//
// Each step of a recurrent network multiplies the same weight by a few columns. The weight is
// therefore packed once, in the order in which the microkernels read it.
#pragma once

#include <cstdint>

#include "math/types.h"

namespace attn::packed {

// The type to which the factors are rounded. Sums are float32.
enum class DataType { float32, bfloat16 };

// Returns whether the processor has the instructions: AVX2 and FMA, or AVX-512, for float32;
// AVX-512 BF16 for bfloat16.
bool available(DataType type);

// Returns the instruction set for float32, for logs: "AVX2", "AVX-512", or "" if there is none.
const char* instructions();

// The unit of a column that a microkernel multiplies at once: one float, or two bfloat16 numbers.
using Word = std::uint32_t;

// Returns the number of words of a packed matrix [m × k]. This and the following functions throw
// Bug if the type is not available.
Index size(DataType type, Index m, Index k);
// Pack a matrix [m × k] that is stored row by row (pack_rows) or column by column (pack_columns).
// `stride` is the distance between rows or columns.
void pack_rows(DataType type, const float* matrix, Index stride, Index m, Index k, Word* packed);
void pack_columns(DataType type, const float* matrix, Index stride, Index m, Index k, Word* packed);

// Computes y [m × n] = or += M x, where M is packed, and x and y are stored column by column. A
// column of y does not depend on the other columns.
void multiply(DataType type, const Word* packed, const float* x, Index x_stride, Index m, Index n,
              Index k, bool add, float* y, Index y_stride);

}  // namespace attn::packed
