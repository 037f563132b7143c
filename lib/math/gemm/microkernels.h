// Register-blocked GEMM microkernels: an mr × nr block of y stays in registers while k is
// traversed. The template below is compiled for several instruction sets, in microkernels_*.cpp;
// the kernels are selected at run time.
//
// These files must not use code that other files also instantiate, such as Eigen, the standard
// library or math/types.h: the linker keeps one of several copies, which might use instructions
// that the processor does not have.
#pragma once

#include <cstddef>
#include <cstdint>

namespace attn::packed {

// Computes y [mr × columns] = or += panel x. The panel holds mr rows column by column. `depth` and
// `x_stride` count words of four bytes: a float, or two consecutive bfloat16 numbers of a column.
// Also prefetches `depth` cache lines from `ahead` on; the address need not be valid.
using Microkernel = void (*)(std::ptrdiff_t depth, const void* panel, const void* ahead,
                             const void* x, std::ptrdiff_t x_stride, bool add, float* y,
                             std::ptrdiff_t y_stride);
constexpr std::ptrdiff_t kLine = 64;  // bytes of a cache line

struct Microkernels {
  std::ptrdiff_t mr;           // rows of a panel
  std::ptrdiff_t nr;           // maximum number of columns
  std::ptrdiff_t kc;           // maximum depth, in words
  const Microkernel* kernels;  // for 1, 2, … nr columns
};

// Return null if the processor lacks the instructions, or the compiler did not support them.
const Microkernels* avx2_microkernels();         // float
const Microkernels* avx512_microkernels();       // float
const Microkernels* avx512_bf16_microkernels();  // bfloat16 with float sums

// The microkernel for `columns` columns and mr = `vectors` · V::lanes rows. V has the type Vector
// of `lanes` sums and the functions zero, load, broadcast, multiply_add, add_stored and store.
template <class V, int vectors, int columns>
void microkernel(std::ptrdiff_t depth, const void* panel, const void* ahead, const void* x,
                 std::ptrdiff_t x_stride, bool add, float* y, std::ptrdiff_t y_stride) {
  constexpr std::ptrdiff_t kWord = 4;
  const char* panel_bytes = static_cast<const char*>(panel);
  const char* x_bytes = static_cast<const char*>(x);
  typename V::Vector sums[columns][vectors];  // in registers, because all loops are unrolled
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; ++i) sums[j][i] = V::zero();
  for (std::ptrdiff_t p = 0; p < depth; ++p) {
    __builtin_prefetch(static_cast<const char*>(ahead) + p * kLine, 0, 2);
    typename V::Vector rows[vectors];
#pragma GCC unroll 4
    for (int i = 0; i < vectors; ++i)
      rows[i] = V::load(panel_bytes + (p * vectors + i) * V::lanes * kWord);
#pragma GCC unroll 16
    for (int j = 0; j < columns; ++j) {
      const typename V::Vector factor = V::broadcast(x_bytes + (j * x_stride + p) * kWord);
#pragma GCC unroll 4
      for (int i = 0; i < vectors; ++i) sums[j][i] = V::multiply_add(rows[i], factor, sums[j][i]);
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < columns; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < vectors; ++i) {
      float* to = y + j * y_stride + i * V::lanes;
      V::store(add ? V::add_stored(to, sums[j][i]) : sums[j][i], to);
    }
}

// Kernels that multiply with the tile registers of AMX. A tile register has 16 rows of 64 bytes. In
// memory, a row is a cache line of 16 words: a word is two consecutive bfloat16 numbers, or four
// consecutive int8 numbers, of one row of the matrix or of one column of x. The depth is divided
// into steps of 16 words, and completed by zeros.
//
//   A panel holds 32 rows of the matrix, word by word, as for Microkernel: 16 × 32 words a step.
//   A tile holds up to 16 columns of x: 16 columns × 16 words a step.
constexpr std::ptrdiff_t kTileSize = 16;          // rows of a tile register, and words of a row
constexpr std::ptrdiff_t kTileBytes = 1024;       // one step of a tile
constexpr std::ptrdiff_t kTilePanelRows = 32;     // two tile registers
constexpr std::ptrdiff_t kTilePanelBytes = 2048;  // one step of a panel

// Up to 16 rows or columns of up to 32 numbers. Number p of row i is data[i * stride + p], or
// data[p * stride + i] if the depth is not contiguous.
struct TileSource {
  const float* data;
  std::ptrdiff_t stride;
  bool contiguous_depth;
  std::ptrdiff_t count, depth;
};

// The product of one panel and one or two tiles: 32 rows of up to 32 columns of y.
struct TileBlock {
  std::ptrdiff_t steps;
  const char* panel;
  const char* tiles[2];     // the second is null if there is only one
  std::ptrdiff_t first;     // number of columns in the first tile
  bool add;                 // y += instead of y =
  void* y;                  // float, or int32 for int8 factors
  std::ptrdiff_t y_stride;  // between columns, in numbers
};

struct AmxKernels {
  // Prepares the tile registers of this thread for tiles with the given numbers of columns; the
  // second may be 0. Required before products. `release` must be called after the last one.
  void (*configure)(std::ptrdiff_t first, std::ptrdiff_t second);
  void (*release)();
  void (*multiply_bfloat16)(const TileBlock& block);
  void (*multiply_int8)(const TileBlock& block);

  // Rounds one step to bfloat16 and writes 16 lines of 16 words, `to_stride` bytes apart. Line i
  // holds row i, or word i of all rows if `transposed`. Numbers that do not exist are zero, and so
  // are denormal numbers.
  void (*pack)(const TileSource& source, bool transposed, char* to, std::ptrdiff_t to_stride);
  // Writes one step of up to 16 rows of up to 64 bytes in the same way, transposed.
  void (*pack_bytes)(const std::int8_t* from, std::ptrdiff_t stride, std::ptrdiff_t count,
                     std::ptrdiff_t depth, char* to, std::ptrdiff_t to_stride);
  // Scales a column so that its largest magnitude is 127, rounds it to int8, and returns the
  // inverse of the factor. The lines of two steps are kTileBytes apart.
  float (*quantize)(const float* x, std::ptrdiff_t depth, char* to);
};

// Returns null if the processor or the operating system lacks AMX with bfloat16 and int8, or the
// compiler did not support it. The first call asks Linux to permit AMX to this process.
const AmxKernels* amx_kernels();

}  // namespace attn::packed
