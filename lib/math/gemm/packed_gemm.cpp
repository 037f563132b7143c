#include "math/gemm/packed_gemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "math/gemm/bfloat16.h"
#include "math/gemm/microkernels.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace attn::packed {
namespace {

constexpr Index kMostRows = 32, kMostColumns = 12;  // of any tile

const Tiles* tiles_of(DataType numbers) {
#if !defined(ATTN_MICROKERNELS)
  return nullptr;
#endif
  static const Tiles* const floats =
      avx512_microkernels() ? avx512_microkernels() : avx2_microkernels();
  static const Tiles* const halves = avx512_bf16_microkernels();
  return numbers == DataType::float32 ? floats : halves;
}

const Tiles& needed_tiles(DataType numbers) {
  const Tiles* tiles = tiles_of(numbers);
  ATTN_CHECK(tiles && tiles->tall <= kMostRows && tiles->most <= kMostColumns);
  return *tiles;
}

Index parts(Index whole, Index largest) {
  return (whole + largest - 1) / largest;
}

Index words_of(DataType numbers, Index k) {
  return numbers == DataType::float32 ? k : (k + 1) / 2;
}

#if defined(__AVX2__)
// Eight rows of eight words → eight columns, `tall` from one to the next.
void transpose_eight(const Word* from, Index stride, Index tall, Word* to) {
  __m256 r[8], s[8];
  for (int i = 0; i < 8; ++i)
    r[i] = _mm256_loadu_ps(reinterpret_cast<const float*>(from + i * stride));
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
    _mm256_storeu_ps(reinterpret_cast<float*>(to + i * tall),
                     _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
    _mm256_storeu_ps(reinterpret_cast<float*>(to + (i + 4) * tall),
                     _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}
#else
void transpose_eight(const Word* from, Index stride, Index tall, Word* to) {
  for (Index i = 0; i < 8; ++i)
    for (Index p = 0; p < 8; ++p) to[p * tall + i] = from[i * stride + p];
}
#endif

// Rows of `depth` words → a panel of `tall` rows.
void pack_panel(const Word* from, Index stride, Index rows, Index depth, Index tall, Word* to) {
  const Index high = rows / 8 * 8, deep = depth / 8 * 8;
  for (Index i = 0; i < high; i += 8)
    for (Index p = 0; p < deep; p += 8)
      transpose_eight(from + i * stride + p, stride, tall, to + p * tall + i);
  for (Index i = 0; i < rows; ++i)
    for (Index p = i < high ? deep : 0; p < depth; ++p) to[p * tall + i] = from[i * stride + p];
}

// A row of numbers as words: an odd one out is joined by a zero.
void to_words(Index k, const float* from, Word* to) {
  Index p = 0;
  for (; p + 1 < k; p += 2)
    to[p / 2] = bfloat16(from[p]) | static_cast<Word>(bfloat16(from[p + 1])) << 16;
  if (p < k) to[p / 2] = bfloat16(from[p]);
}

// Two columns of numbers as a column of words.
void join(Index n, const float* __restrict even, const float* __restrict odd, Word* __restrict to) {
  for (Index i = 0; i < n; ++i)
    to[i] = bfloat16(even[i]) | static_cast<Word>(bfloat16(odd[i])) << 16;
}

void pack_panel_of_columns(DataType numbers, const float* from, Index stride, Index rows, Index k,
                           Index tall, Word* to) {
  static_assert(sizeof(Word) == sizeof(float));
  const auto bytes = static_cast<std::size_t>(rows) * sizeof(float);
  const float zeros[kMostRows] = {};
  if (numbers == DataType::float32)
    for (Index p = 0; p < k; ++p) std::memcpy(to + p * tall, from + p * stride, bytes);
  else
    for (Index p = 0; p < k; p += 2)
      join(rows, from + p * stride, p + 1 < k ? from + (p + 1) * stride : zeros, to + p / 2 * tall);
}

// The last panel's rows are fewer than a tile's.
void short_tile(const Tiles& tiles, Index rows, Index wide, Index depth, const Word* panel,
                const void* ahead, const void* x, Index x_stride, bool add, float* y,
                Index y_stride) {
  float whole[kMostRows * kMostColumns];
  tiles.tiles[wide - 1](depth, panel, ahead, x, x_stride, false, whole, tiles.tall);
  for (Index j = 0; j < wide; ++j)
    for (Index i = 0; i < rows; ++i) {
      float& to = y[j * y_stride + i];
      to = whole[j * tiles.tall + i] + (add ? to : 0);
    }
}

// One panel with all columns, in tiles of even width. While the first of these read it, the next
// panel comes nearer: a weight may lie in memory, and one tile's time is short for that.
void multiply_panel(const Tiles& tiles, const Word* panel, Index after, Index rows, Index depth,
                    const char* x, Index x_stride, Index n, bool add, float* y, Index y_stride) {
  const Index count = parts(n, tiles.most);
  const Index lines = tiles.tall * static_cast<Index>(sizeof(Word)) / kLine;  // of a word's column
  for (Index t = 0; t < count; ++t) {
    const Index begin = t * n / count, wide = (t + 1) * n / count - begin;
    const char* from = x + begin * x_stride * static_cast<Index>(sizeof(Word));
    float* to = y + begin * y_stride;
    const char* next = reinterpret_cast<const char*>(panel + after);
    const char* ahead = next + std::min(t, lines - 1) * depth * kLine;
    if (rows == tiles.tall)
      tiles.tiles[wide - 1](depth, panel, ahead, from, x_stride, add, to, y_stride);
    else
      short_tile(tiles, rows, wide, depth, panel, ahead, from, x_stride, add, to, y_stride);
  }
}

void multiply_words(const Tiles& tiles, const Word* packed, const void* x, Index x_stride, Index m,
                    Index n, Index depth, bool add, float* y, Index y_stride) {
  const Index count = parts(depth, tiles.depth);
  for (Index part = 0; part < count; ++part) {
    const Index begin = part * depth / count, words = (part + 1) * depth / count - begin;
    const char* from = static_cast<const char*>(x) + begin * static_cast<Index>(sizeof(Word));
    for (Index row = 0; row < m; row += tiles.tall)
      multiply_panel(tiles, packed + row * depth + begin * tiles.tall, tiles.tall * depth,
                     std::min<Index>(tiles.tall, m - row), words, from, x_stride, n,
                     add || part > 0, y + row, y_stride);
  }
}

// A thread's own, which only grows.
Word* scratch(Index size) {
  thread_local std::vector<Word> words;
  if (static_cast<Index>(words.size()) < size) words.resize(static_cast<std::size_t>(size));
  return words.data();
}

// Rows that the last panel lacks are zero.
void clear_last_panel(Index tall, Index m, Index depth, Word* packed) {
  if (m % tall != 0) std::fill_n(packed + m / tall * tall * depth, tall * depth, Word(0));
}

}  // namespace

bool available(DataType numbers) {
  return tiles_of(numbers) != nullptr;
}

const char* instructions() {
  const Tiles* tiles = tiles_of(DataType::float32);
  return !tiles ? "" : tiles == avx512_microkernels() ? "AVX-512" : "AVX2";
}

Index size(DataType numbers, Index m, Index k) {
  const Index tall = needed_tiles(numbers).tall;
  return parts(m, tall) * tall * words_of(numbers, k);
}

void pack_rows(DataType numbers, const float* matrix, Index stride, Index m, Index k,
               Word* packed) {
  const Index tall = needed_tiles(numbers).tall, depth = words_of(numbers, k);
  clear_last_panel(tall, m, depth, packed);
  for (Index row = 0; row < m; row += tall) {
    const Index rows = std::min(tall, m - row);
    const float* from = matrix + row * stride;
    Word* to = packed + row * depth;
    if (numbers == DataType::float32) {
      pack_panel(reinterpret_cast<const Word*>(from), stride, rows, depth, tall, to);
      continue;
    }
    Word* words = scratch(rows * depth);
    for (Index i = 0; i < rows; ++i) to_words(k, from + i * stride, words + i * depth);
    pack_panel(words, depth, rows, depth, tall, to);
  }
}

void pack_columns(DataType numbers, const float* matrix, Index stride, Index m, Index k,
                  Word* packed) {
  const Index tall = needed_tiles(numbers).tall, depth = words_of(numbers, k);
  clear_last_panel(tall, m, depth, packed);
  for (Index row = 0; row < m; row += tall)
    pack_panel_of_columns(numbers, matrix + row, stride, std::min(tall, m - row), k, tall,
                          packed + row * depth);
}

void multiply(DataType numbers, const Word* packed, const float* x, Index x_stride, Index m,
              Index n, Index k, bool add, float* y, Index y_stride) {
  const Tiles& tiles = needed_tiles(numbers);
  const Index depth = words_of(numbers, k);
  if (numbers == DataType::float32)
    return multiply_words(tiles, packed, x, x_stride, m, n, depth, add, y, y_stride);
  Word* words = scratch(n * depth);
  for (Index j = 0; j < n; ++j) to_words(k, x + j * x_stride, words + j * depth);
  multiply_words(tiles, packed, words, depth, m, n, depth, add, y, y_stride);
}

}  // namespace attn::packed
