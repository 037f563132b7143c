// Tiles of a product that stay in registers while its depth passes by: a panel of `tall` rows,
// whose columns lie side by side, times a few columns of x. Written once; each tiles_*.cpp compiles
// it for the vectors of one kind of processor, and which is taken is told when the program runs.
//
// These files may use nothing that others make as well, Eigen or the standard library: of two
// copies the linker would keep one, perhaps the one that this processor cannot run. Hence no
// math/types.h.
#pragma once

#include <cstddef>

namespace attn::packed {

// y [tall × wide] = or += panel x. `depth` and `x_stride` count words of four bytes: a float, or
// two numbers of 16 bits that follow each other in the depth. Meanwhile `depth` cache lines from
// `ahead` on, which need not be anybody's, are fetched.
using Tile = void (*)(std::ptrdiff_t depth, const void* panel, const void* ahead, const void* x,
                      std::ptrdiff_t x_stride, bool add, float* y, std::ptrdiff_t y_stride);
constexpr std::ptrdiff_t kLine = 64;  // bytes

struct Tiles {
  std::ptrdiff_t tall;   // rows of each
  std::ptrdiff_t most;   // columns of the widest
  std::ptrdiff_t depth;  // words of a panel that is multiplied at a time
  const Tile* tiles;     // of 1, 2 … `most` columns
};

// Null where the processor lacks the instructions, or the build a compiler for them.
const Tiles* avx2_microkernels();         // floats
const Tiles* avx512_microkernels();       // floats
const Tiles* avx512_bf16_microkernels();  // bfloat16, summed in floats

// V: a Vector of `lanes` sums; zero, load, broadcast, multiply_add, add_stored and store.
template <class V, int high, int wide>
void tile(std::ptrdiff_t depth, const void* panel, const void* ahead, const void* x,
          std::ptrdiff_t x_stride, bool add, float* y, std::ptrdiff_t y_stride) {
  constexpr std::ptrdiff_t kWord = 4;
  const char* rows = static_cast<const char*>(panel);
  const char* columns = static_cast<const char*>(x);
  typename V::Vector sums[wide][high];  // unrolled throughout, these are registers
#pragma GCC unroll 16
  for (int j = 0; j < wide; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < high; ++i) sums[j][i] = V::zero();
  for (std::ptrdiff_t p = 0; p < depth; ++p) {
    __builtin_prefetch(static_cast<const char*>(ahead) + p * kLine, 0, 2);
    typename V::Vector row[high];
#pragma GCC unroll 4
    for (int i = 0; i < high; ++i) row[i] = V::load(rows + (p * high + i) * V::lanes * kWord);
#pragma GCC unroll 16
    for (int j = 0; j < wide; ++j) {
      const typename V::Vector factor = V::broadcast(columns + (j * x_stride + p) * kWord);
#pragma GCC unroll 4
      for (int i = 0; i < high; ++i) sums[j][i] = V::multiply_add(row[i], factor, sums[j][i]);
    }
  }
#pragma GCC unroll 16
  for (int j = 0; j < wide; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < high; ++i) {
      float* to = y + j * y_stride + i * V::lanes;
      V::store(add ? V::add_stored(to, sums[j][i]) : sums[j][i], to);
    }
}

}  // namespace attn::packed
