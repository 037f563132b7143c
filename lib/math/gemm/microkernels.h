// Register-blocked GEMM microkernels: an mr × nr block of y stays in registers while k is
// traversed. The template below is compiled for several instruction sets, in microkernels_*.cpp;
// the kernels are selected at run time.
//
// These files must not use code that other files also instantiate, such as Eigen, the standard
// library or math/types.h: the linker keeps one of several copies, which might use instructions
// that the processor does not have.
#pragma once

#include <cstddef>

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

}  // namespace attn::packed
