// Products of a packed matrix and a few columns, on the calling thread: tiles that stay in
// registers, panels that stay in the caches (after Goto and van de Geijn, "Anatomy of
// high-performance matrix multiplication", 2008).
//
// A recurrent step multiplies one weight by a few columns, and the next step the same weight by the
// next ones: packed once, the weight is read as the tiles want it.
#pragma once

#include <cstdint>

#include "math/types.h"

namespace attn::packed {

// What the factors are rounded to; sums are floats.
enum class DataType { float32, bfloat16 };

// Whether this processor has the instructions: AVX2 and FMA, or AVX-512; AVX-512 with BF16.
bool available(DataType numbers);

// What they are, for logs: "AVX2", "AVX-512"; "" where there are none.
const char* instructions();

// A word is what of a column is multiplied at once: a float, or two of bfloat16.
using Word = std::uint32_t;

// Words of a packed matrix [m × k]. Bug, here and below: numbers that are not available.
Index size(DataType numbers, Index m, Index k);
// The matrix lies row by row, or column by column, `stride` from one to the next.
void pack_rows(DataType numbers, const float* matrix, Index stride, Index m, Index k, Word* packed);
void pack_columns(DataType numbers, const float* matrix, Index stride, Index m, Index k,
                  Word* packed);

// y [m × n] = or += M x, both column by column. A column of y does not depend on the others.
void multiply(DataType numbers, const Word* packed, const float* x, Index x_stride, Index m,
              Index n, Index k, bool add, float* y, Index y_stride);

}  // namespace attn::packed
