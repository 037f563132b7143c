#include "math/gemm/tile_gemm.h"

#include <algorithm>

#include "math/buffer.h"

namespace attn::packed {
namespace {

// Blocks of the loops. The tiles of a chunk of x and the panels of a group share the L2 cache,
// which has 2 MiB on the first processors with AMX. The tiles that a block reads stay in the L1
// cache, which is why the depth of a chunk is divided again. The depth of int8 products is not
// divided, because only complete sums can be scaled.
constexpr Index kChunkBytes = 512 << 10;
constexpr Index kGroupBytes = 512 << 10;
constexpr Index kChunkSteps = 40;
constexpr Index kBlockSteps = 20;

Index ceil_divide(Index a, Index b) {
  return (a + b - 1) / b;
}

Index step_depth(DataType type) {
  return kTileSize * (type == DataType::int8 ? 4 : 2);
}

Index steps_of(DataType type, Index k) {
  return ceil_divide(k, step_depth(type));
}

// Memory of one thread, which never shrinks.
template <class Number>
class Memory {
 public:
  Number* get(Index size) {
    if (buffer_.size() < size) buffer_ = BufferOf<Number>(size, Pages::large);
    return buffer_.data();
  }

 private:
  BufferOf<Number> buffer_;
};

struct Range {
  Index begin, end;
  Index size() const { return end - begin; }
};

// Returns part i of a range that is divided into parts of similar size.
Range part_of(Range range, Index i, Index parts) {
  return {range.begin + i * range.size() / parts, range.begin + (i + 1) * range.size() / parts};
}

// Some columns and steps of x, as tiles of similar width.
struct Chunk {
  Range columns, steps;
  char* tiles;
  float* scales;  // of the columns, or null

  Index size() const { return ceil_divide(columns.size(), kTileSize); }
  Range tile(Index i) const {
    return i < size() ? part_of(columns, i, size()) : Range{columns.end, columns.end};
  }
  // Returns the address of one step of a tile.
  char* at(Index i, Index step) const {
    return tiles + (i * steps.size() + step - steps.begin) * kTileBytes;
  }
};

// Calls pack(i, step) for all strips i of 16 rows or columns and all steps, in the order of their
// numbers in memory.
template <class Pack>
void for_each_step(const TileMatrix& matrix, Index strips, Range steps, Pack pack) {
  if (matrix.contiguous_depth)
    for (Index i = 0; i < strips; ++i)
      for (Index step = steps.begin; step < steps.end; ++step) pack(i, step);
  else
    for (Index step = steps.begin; step < steps.end; ++step)
      for (Index i = 0; i < strips; ++i) pack(i, step);
}

// Returns one step of some rows or columns of a matrix of depth k.
TileSource source(const TileMatrix& matrix, Range rows, Index step, Index k) {
  const Index depth = step_depth(DataType::bfloat16), p = step * depth;
  return {.data = matrix.at(rows.begin, p),
          .stride = matrix.stride,
          .contiguous_depth = matrix.contiguous_depth,
          .count = rows.size(),
          .depth = std::min(depth, k - p)};
}

void round_chunk(const AmxKernels& amx, const TileMatrix& x, Index k, const Chunk& chunk) {
  for_each_step(x, chunk.size(), chunk.steps, [&](Index i, Index step) {
    amx.pack(source(x, chunk.tile(i), step, k), false, chunk.at(i, step), kLine);
  });
}

void quantize_chunk(const AmxKernels& amx, const TileMatrix& x, Index k, const Chunk& chunk) {
  for (Index i = 0; i < chunk.size(); ++i) {
    const Range tile = chunk.tile(i);
    for (Index j = tile.begin; j < tile.end; ++j)
      chunk.scales[j - chunk.columns.begin] =
          amx.quantize(x.at(j, 0), k, chunk.at(i, 0) + (j - tile.begin) * kLine);
  }
}

// Rounds a part of x into memory of this thread.
Chunk make_chunk(const AmxKernels& amx, const TileProduct& p, Range columns, Range steps) {
  thread_local Memory<char> tiles;
  thread_local Memory<float> scales;
  const Index tile_bytes = steps.size() * kTileBytes;
  const Chunk chunk = {.columns = columns,
                       .steps = steps,
                       .tiles = tiles.get(ceil_divide(columns.size(), kTileSize) * tile_bytes),
                       .scales = p.type == DataType::int8 ? scales.get(columns.size()) : nullptr};
  p.type == DataType::int8 ? quantize_chunk(amx, p.x, p.k, chunk)
                           : round_chunk(amx, p.x, p.k, chunk);
  return chunk;
}

// Sums of one block that are not stored in y directly.
union Sums {
  alignas(kAlignment) float floats[2 * kTileSize * kTilePanelRows];
  std::int32_t integers[2 * kTileSize * kTilePanelRows];
};

// Copies or adds the rows of a panel that exist.
void finish_floats(const Sums& sums, Index rows, Index columns, bool add, float* y, Index stride) {
  for (Index j = 0; j < columns; ++j) {
    const float* from = sums.floats + j * kTilePanelRows;
    float* to = y + j * stride;
    for (Index i = 0; i < rows; ++i) to[i] = add ? to[i] + from[i] : from[i];
  }
}

void finish_integers(const Sums& sums, const float* row_scales, const float* scales, Index rows,
                     Index columns, bool add, float* y, Index stride) {
  for (Index j = 0; j < columns; ++j) {
    const std::int32_t* from = sums.integers + j * kTilePanelRows;
    float* to = y + j * stride;
    const float scale = scales[j];
    if (add)
      for (Index i = 0; i < rows; ++i) to[i] += row_scales[i] * scale * static_cast<float>(from[i]);
    else
      for (Index i = 0; i < rows; ++i) to[i] = row_scales[i] * scale * static_cast<float>(from[i]);
  }
}

// Multiplies one or two tiles, from tile i on, by the panel that begins at a row.
TileBlock block_of(const TileProduct& p, const Chunk& chunk, Index i, Range steps, Index row) {
  const Index panel = row / kTilePanelRows * steps_of(p.type, p.k) + steps.begin;
  const bool two = i + 1 < chunk.size();
  return {.steps = steps.size(),
          .panel = reinterpret_cast<const char*>(p.packed) + panel * kTilePanelBytes,
          .tiles = {chunk.at(i, steps.begin), two ? chunk.at(i + 1, steps.begin) : nullptr},
          .first = chunk.tile(i).size(),
          .add = p.add || steps.begin > 0,
          .y = p.y + chunk.tile(i).begin * p.y_stride + row,
          .y_stride = p.y_stride};
}

// Computes the same block of sums in memory of its own, and copies or scales them to y.
void multiply_indirectly(const AmxKernels& amx, const TileProduct& p, const Chunk& chunk, Index i,
                         Index row, TileBlock block) {
  Sums sums;
  const bool add = block.add;
  float* const y = static_cast<float*>(block.y);
  block.add = false, block.y = &sums, block.y_stride = kTilePanelRows;
  const Index rows = std::min<Index>(kTilePanelRows, p.m - row);
  const Index columns = chunk.tile(i).size() + chunk.tile(i + 1).size();
  if (p.type == DataType::bfloat16) {
    amx.multiply_bfloat16(block);
    finish_floats(sums, rows, columns, add, y, p.y_stride);
  } else {
    amx.multiply_int8(block);
    finish_integers(sums, p.row_scales + row,
                    chunk.scales + chunk.tile(i).begin - chunk.columns.begin, rows, columns, add, y,
                    p.y_stride);
  }
}

// Multiplies panels that stay in the L2 cache by a chunk.
void multiply_group(const AmxKernels& amx, const TileProduct& p, const Chunk& chunk, Range rows) {
  const Index parts = p.type == DataType::int8 ? 1 : ceil_divide(chunk.steps.size(), kBlockSteps);
  for (Index i = 0; i < chunk.size(); i += 2) {
    amx.configure(chunk.tile(i).size(), chunk.tile(i + 1).size());
    for (Index part = 0; part < parts; ++part)
      for (Index row = rows.begin; row < rows.end; row += kTilePanelRows) {
        const TileBlock block = block_of(p, chunk, i, part_of(chunk.steps, part, parts), row);
        if (p.type == DataType::bfloat16 && row + kTilePanelRows <= p.m)
          amx.multiply_bfloat16(block);
        else
          multiply_indirectly(amx, p, chunk, i, row, block);
      }
  }
}

void multiply_chunk(const AmxKernels& amx, const TileProduct& p, const Chunk& chunk) {
  const Index panels = std::max<Index>(1, kGroupBytes / (chunk.steps.size() * kTilePanelBytes));
  const Index group = panels * kTilePanelRows;
  for (Index row = 0; row < p.m; row += group)
    multiply_group(amx, p, chunk, {row, std::min(row + group, p.m)});
}

// Returns the address of one step of strip i of 16 rows.
char* panel_step(Word* packed, Index strip, Index step, Index steps) {
  return reinterpret_cast<char*>(packed) + (strip / 2 * steps + step) * kTilePanelBytes +
         strip % 2 * kLine;
}

// Returns the number of strips of a packed matrix. The last ones may lie beyond row m.
Index strips_of(Index m) {
  return 2 * ceil_divide(m, kTilePanelRows);
}

// Returns the rows of a strip that exist.
Range rows_of(Index strip, Index m) {
  return {std::min(strip * kTileSize, m), std::min((strip + 1) * kTileSize, m)};
}

}  // namespace

Index tile_size(DataType type, Index m, Index k) {
  return ceil_divide(m, kTilePanelRows) * kTilePanelRows * steps_of(type, k) * kTileSize;
}

void pack_for_tiles(const AmxKernels& amx, const TileMatrix& matrix, Index m, Index k,
                    Word* packed) {
  const Index steps = steps_of(DataType::bfloat16, k);
  for_each_step(matrix, strips_of(m), {0, steps}, [&](Index i, Index step) {
    amx.pack(source(matrix, rows_of(i, m), step, k), true, panel_step(packed, i, step, steps),
             2 * kLine);
  });
}

void pack_for_tiles(const AmxKernels& amx, const std::int8_t* matrix, Index stride, Index m,
                    Index k, Word* packed) {
  const Index depth = step_depth(DataType::int8), steps = steps_of(DataType::int8, k);
  for (Index i = 0; i < strips_of(m); ++i)
    for (Index step = 0; step < steps; ++step) {
      const Range rows = rows_of(i, m);
      amx.pack_bytes(matrix + rows.begin * stride + step * depth, stride, rows.size(),
                     std::min(depth, k - step * depth), panel_step(packed, i, step, steps),
                     2 * kLine);
    }
}

// Divides the depth in the same way for all columns, so that the order of sums does not depend on
// their number.
void multiply_by_tiles(const AmxKernels& amx, const TileProduct& p) {
  const Range columns = {0, p.n}, steps = {0, steps_of(p.type, p.k)};
  const Index depths = p.type == DataType::int8 ? 1 : ceil_divide(steps.end, kChunkSteps);
  const Index tile_bytes = ceil_divide(steps.end, depths) * kTileBytes;
  const Index chunks = ceil_divide(p.n, std::max<Index>(2, kChunkBytes / tile_bytes) * kTileSize);
  for (Index c = 0; c < chunks; ++c)
    for (Index d = 0; d < depths; ++d)
      multiply_chunk(amx, p,
                     make_chunk(amx, p, part_of(columns, c, chunks), part_of(steps, d, depths)));
  amx.release();
}

}  // namespace attn::packed
