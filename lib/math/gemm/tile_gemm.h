// Products by the tile registers of AMX, for packed_gemm.cpp. The formats are described in
// math/gemm/microkernels.h. All sizes are above 0.
#pragma once

#include "math/gemm/microkernels.h"
#include "math/gemm/packed_gemm.h"

namespace attn::packed {

// A matrix whose depth is contiguous or not: for M [m × k], stored row by row or column by column;
// for x [k × n], column by column or row by row.
struct TileMatrix {
  const float* data;
  Index stride;
  bool contiguous_depth;

  // Returns the address of number p of row (or column) i.
  const float* at(Index i, Index p) const {
    return data + (contiguous_depth ? i * stride + p : p * stride + i);
  }
};

// y [m × n] = or += M x, with y stored column by column. For int8, row i is multiplied by
// row_scales[i], and the depth of x must be contiguous.
struct TileProduct {
  DataType type;
  const Word* packed;       // M
  const float* row_scales;  // null for bfloat16
  TileMatrix x;
  Index m, n, k;
  bool add;
  float* y;
  Index y_stride;
};

// Returns the number of words of a packed matrix [m × k].
Index tile_size(DataType type, Index m, Index k);

// Packs a matrix [m × k], rounded to bfloat16.
void pack_for_tiles(const AmxKernels& amx, const TileMatrix& matrix, Index m, Index k,
                    Word* packed);
// Packs a matrix of int8 numbers that is stored row by row.
void pack_for_tiles(const AmxKernels& amx, const std::int8_t* matrix, Index stride, Index m,
                    Index k, Word* packed);

void multiply_by_tiles(const AmxKernels& amx, const TileProduct& product);

}  // namespace attn::packed
