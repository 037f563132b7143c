// Products of a packed matrix and a few columns, or any number with AMX, on the calling thread.
// Blocks of the result stay in registers, and panels of the matrix stay in the caches (Goto and van
// de Geijn, "Anatomy of high-performance matrix multiplication", 2008).
//
// Each step of a recurrent network multiplies the same weight by a few columns. The weight is
// therefore packed once, in the order in which the microkernels read it.
#pragma once

#include <cstdint>

#include "base/index_span.h"

namespace attn::packed {

// The type to which the factors are rounded. Sums are float32, or int32 for int8.
enum class DataType { float32, bfloat16, int8 };

// Returns whether the processor has the instructions: AVX2 and FMA, or AVX-512, for float32; AMX or
// AVX-512 BF16 for bfloat16; AMX for int8.
bool available(DataType type);
// Returns whether products use the tile registers of AMX. They are then as fast for many columns as
// for a few, and add_outer is available for bfloat16.
bool has_tiles(DataType type);

// Returns the instruction set for float32, for logs: "AVX2", "AVX-512", or "" if there is none.
const char* instructions();

// The unit of a column that a microkernel multiplies at once: one float, two bfloat16 numbers, or
// four int8 numbers.
using Word = std::uint32_t;

// Returns the number of words of a packed matrix [m × k]. This and the following functions throw
// Bug if the type is not available.
Index size(DataType type, Index m, Index k);
// Pack a matrix [m × k] that is stored row by row (pack_rows) or column by column (pack_columns),
// as float32 or bfloat16. `stride` is the distance between rows or columns.
void pack_rows(DataType type, const float* matrix, Index stride, Index m, Index k, Word* packed);
void pack_columns(DataType type, const float* matrix, Index stride, Index m, Index k, Word* packed);
// Packs int8 numbers −127 … 127 that are stored row by row.
void pack_bytes(const std::int8_t* matrix, Index stride, Index m, Index k, Word* packed);

// Computes y [m × n] = or += M x, where M is packed as float32 or bfloat16, and x and y are stored
// column by column. A column of y does not depend on the other columns. Denormal numbers of x may
// be rounded to zero in bfloat16.
void multiply(DataType type, const Word* packed, const float* x, Index x_stride, Index m, Index n,
              Index k, bool add, float* y, Index y_stride);
// Computes y = or += diag(row_scales) M x in the same way, where M is packed as int8. Each column
// of x is scaled so that its largest magnitude is 127, and rounded to nearest; sums are exact.
void multiply_bytes(const Word* packed, const float* row_scales, const float* x, Index x_stride,
                    Index m, Index n, Index k, bool add, float* y, Index y_stride);

// Adds d xᵀ, with d [m × n] and x [k × n] stored column by column and rounded to bfloat16, to a
// matrix [m × k] that is stored row by row. Throws Bug unless has_tiles(DataType::bfloat16).
void add_outer(const float* d, Index d_stride, const float* x, Index x_stride, Index m, Index k,
               Index n, float* matrix, Index stride);

}  // namespace attn::packed
