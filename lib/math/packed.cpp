// y is made in tiles of kTall × kWide numbers that stay in registers while the depth of the product
// passes by: a panel of kTall rows, whose columns lie side by side, times kWide columns of x.
#include "math/packed.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#define ATTN_PACKED
#endif

namespace attn::packed {

#if defined(ATTN_PACKED)

namespace {

constexpr Index kTall = 16, kWide = 6;  // two vectors high: twelve of the sixteen registers
constexpr Index kDepth = 384;           // of a panel that stays in the nearest cache: 24 KiB

Index parts(Index whole, Index largest) {
  return (whole + largest - 1) / largest;
}

// Eight rows of eight numbers → eight columns.
void transpose_eight(const float* from, Index stride, float* to) {
  __m256 r[8], s[8];
  for (int i = 0; i < 8; ++i) r[i] = _mm256_loadu_ps(from + i * stride);
  for (int i = 0; i < 4; ++i) {
    s[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    s[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    r[i] = _mm256_shuffle_ps(s[i], s[i + 2], _MM_SHUFFLE(1, 0, 1, 0));
    r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], _MM_SHUFFLE(3, 2, 3, 2));
    r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], _MM_SHUFFLE(1, 0, 1, 0));
    r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], _MM_SHUFFLE(3, 2, 3, 2));
  }
  for (int i = 0; i < 4; ++i) {
    _mm256_storeu_ps(to + i * kTall, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
    _mm256_storeu_ps(to + (i + 4) * kTall, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}

void pack_panel_of_rows(const float* from, Index stride, Index rows, Index k, float* to) {
  const Index whole = rows == kTall ? k / 8 * 8 : 0;
  for (Index p = 0; p < whole; p += 8) {
    transpose_eight(from + p, stride, to + p * kTall);
    transpose_eight(from + 8 * stride + p, stride, to + p * kTall + 8);
  }
  for (Index p = whole; p < k; ++p)
    for (Index i = 0; i < rows; ++i) to[p * kTall + i] = from[i * stride + p];
}

template <Index wide>
void tile(Index depth, const float* panel, const float* x, Index x_stride, bool add, float* y,
          Index y_stride) {
  __m256 upper[wide], lower[wide];  // unrolled throughout, these are registers
#pragma GCC unroll 6
  for (Index j = 0; j < wide; ++j) upper[j] = lower[j] = _mm256_setzero_ps();
  for (Index p = 0; p < depth; ++p) {
    const __m256 above = _mm256_loadu_ps(panel + p * kTall);
    const __m256 below = _mm256_loadu_ps(panel + p * kTall + 8);
#pragma GCC unroll 6
    for (Index j = 0; j < wide; ++j) {
      const __m256 factor = _mm256_broadcast_ss(x + j * x_stride + p);
      upper[j] = _mm256_fmadd_ps(above, factor, upper[j]);
      lower[j] = _mm256_fmadd_ps(below, factor, lower[j]);
    }
  }
#pragma GCC unroll 6
  for (Index j = 0; j < wide; ++j) {
    float* to = y + j * y_stride;
    if (add) {
      upper[j] = _mm256_add_ps(_mm256_loadu_ps(to), upper[j]);
      lower[j] = _mm256_add_ps(_mm256_loadu_ps(to + 8), lower[j]);
    }
    _mm256_storeu_ps(to, upper[j]);
    _mm256_storeu_ps(to + 8, lower[j]);
  }
}

using Tile = void (*)(Index, const float*, const float*, Index, bool, float*, Index);

template <std::size_t... wide>
constexpr std::array<Tile, sizeof...(wide)> tiles(std::index_sequence<wide...>) {
  return {tile<static_cast<Index>(wide) + 1>...};
}
constexpr auto kTiles = tiles(std::make_index_sequence<kWide>());

// The last panel's rows are fewer than a tile's.
void short_tile(Tile tile, Index rows, Index wide, Index depth, const float* panel, const float* x,
                Index x_stride, bool add, float* y, Index y_stride) {
  float whole[kTall * kWide];
  tile(depth, panel, x, x_stride, false, whole, kTall);
  for (Index j = 0; j < wide; ++j)
    for (Index i = 0; i < rows; ++i) {
      float& to = y[j * y_stride + i];
      to = whole[j * kTall + i] + (add ? to : 0);
    }
}

// One panel with all columns, in tiles of even width.
void multiply_panel(const float* panel, Index rows, Index depth, const float* x, Index x_stride,
                    Index n, bool add, float* y, Index y_stride) {
  const Index count = parts(n, kWide);
  for (Index t = 0; t < count; ++t) {
    const Index begin = t * n / count, wide = (t + 1) * n / count - begin;
    const Tile tile = kTiles[static_cast<std::size_t>(wide) - 1];
    const float* from = x + begin * x_stride;
    float* to = y + begin * y_stride;
    if (rows == kTall)
      tile(depth, panel, from, x_stride, add, to, y_stride);
    else
      short_tile(tile, rows, wide, depth, panel, from, x_stride, add, to, y_stride);
  }
}

}  // namespace

bool available() {
  static const bool faster = !__builtin_cpu_supports("avx512f");
  return faster;
}

Index size(Index m, Index k) {
  return parts(m, kTall) * kTall * k;
}

// Rows that the last panel lacks are zero.
void pack_rows(const float* matrix, Index stride, Index m, Index k, float* packed) {
  if (m % kTall != 0) std::fill_n(packed + m / kTall * kTall * k, kTall * k, 0.0F);
  for (Index row = 0; row < m; row += kTall)
    pack_panel_of_rows(matrix + row * stride, stride, std::min(kTall, m - row), k,
                       packed + row * k);
}

void pack_columns(const float* matrix, Index stride, Index m, Index k, float* packed) {
  if (m % kTall != 0) std::fill_n(packed + m / kTall * kTall * k, kTall * k, 0.0F);
  for (Index row = 0; row < m; row += kTall)
    for (Index p = 0; p < k; ++p)
      std::copy_n(matrix + row + p * stride, std::min(kTall, m - row),
                  packed + row * k + p * kTall);
}

void multiply(const float* packed, const float* x, Index x_stride, Index m, Index n, Index k,
              bool add, float* y, Index y_stride) {
  const Index count = parts(k, kDepth);
  for (Index part = 0; part < count; ++part) {
    const Index begin = part * k / count, depth = (part + 1) * k / count - begin;
    for (Index row = 0; row < m; row += kTall)
      multiply_panel(packed + row * k + begin * kTall, std::min(kTall, m - row), depth, x + begin,
                     x_stride, n, add || part > 0, y + row, y_stride);
  }
}

#else

bool available() {
  return false;
}
Index size(Index, Index) {
  throw Bug("no packed products here");
}
void pack_rows(const float*, Index, Index, Index, float*) {
  throw Bug("no packed products here");
}
void pack_columns(const float*, Index, Index, Index, float*) {
  throw Bug("no packed products here");
}
void multiply(const float*, const float*, Index, Index, Index, Index, bool, float*, Index) {
  throw Bug("no packed products here");
}

#endif

}  // namespace attn::packed
