// Products of a packed float matrix and a few columns, on the calling thread, for processors with
// AVX2 and FMA: tiles that stay in registers, panels that stay in the caches (after Goto and van de
// Geijn, "Anatomy of high-performance matrix multiplication", 2008).
//
// A recurrent step multiplies one weight by a few columns, and the next step the same weight by the
// next ones: packed once, the weight is read as the tiles want it.
#pragma once

#include "math/types.h"

namespace attn::packed {

// Whether it was compiled in and is the faster one here: with AVX-512 a library's kernels are.
bool available();

// Floats of a packed matrix [m × k].
Index size(Index m, Index k);
// The matrix lies row by row, or column by column, `stride` from one to the next.
void pack_rows(const float* matrix, Index stride, Index m, Index k, float* packed);
void pack_columns(const float* matrix, Index stride, Index m, Index k, float* packed);

// y [m × n] = or += M x, both column by column. A column of y does not depend on the others.
void multiply(const float* packed, const float* x, Index x_stride, Index m, Index n, Index k,
              bool add, float* y, Index y_stride);

}  // namespace attn::packed
