#include "math/gemm/packed_gemm.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "math/buffer.h"
#include "math/gemm/bfloat16.h"
#include "math/gemm/microkernels.h"
#include "math/gemm/onednn.h"
#include "math/gemm/tile_gemm.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace attn::packed {
namespace {

constexpr Index kMaxMr = 32, kMaxNr = 12;  // the largest mr and nr of any microkernel

// Returns the kernels for products of the type, or null if the processor does not have AMX or the
// type is float32.
const AmxKernels* find_tile_kernels(DataType type) {
#if !defined(ATTN_MICROKERNELS)
  return nullptr;
#endif
  static const AmxKernels* const found = onednn::allows_amx() ? amx_kernels() : nullptr;
  return type == DataType::float32 ? nullptr : found;
}

const AmxKernels& tile_kernels(DataType type) {
  const AmxKernels* found = find_tile_kernels(type);
  ATTN_CHECK(found);
  return *found;
}

// Returns the best microkernels that the processor can run, or null.
const Microkernels* find_microkernels(DataType type) {
#if !defined(ATTN_MICROKERNELS)
  return nullptr;
#endif
  if (type == DataType::int8) return nullptr;
  static const Microkernels* const for_float32 =
      avx512_microkernels() ? avx512_microkernels() : avx2_microkernels();
  static const Microkernels* const for_bfloat16 = avx512_bf16_microkernels();
  return type == DataType::float32 ? for_float32 : for_bfloat16;
}

const Microkernels& microkernels(DataType type) {
  const Microkernels* found = find_microkernels(type);
  ATTN_CHECK(found && found->mr <= kMaxMr && found->nr <= kMaxNr);
  return *found;
}

Index ceil_div(Index a, Index b) {
  return (a + b - 1) / b;
}

// Returns the number of words that hold k numbers.
Index words(DataType type, Index k) {
  return type == DataType::float32 ? k : (k + 1) / 2;
}

#if defined(__AVX2__)
// Writes a transposed 8 × 8 block of words. The rows of `to` are mr words apart.
void transpose_eight(const Word* from, Index stride, Index mr, Word* to) {
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
    _mm256_storeu_ps(reinterpret_cast<float*>(to + i * mr),
                     _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
    _mm256_storeu_ps(reinterpret_cast<float*>(to + (i + 4) * mr),
                     _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}
#else
void transpose_eight(const Word* from, Index stride, Index mr, Word* to) {
  for (Index i = 0; i < 8; ++i)
    for (Index p = 0; p < 8; ++p) to[p * mr + i] = from[i * stride + p];
}
#endif

// Packs `rows` rows of `depth` words into a panel of mr rows.
void pack_panel(const Word* from, Index stride, Index rows, Index depth, Index mr, Word* to) {
  const Index block_rows = rows / 8 * 8, block_depth = depth / 8 * 8;
  for (Index i = 0; i < block_rows; i += 8)
    for (Index p = 0; p < block_depth; p += 8)
      transpose_eight(from + i * stride + p, stride, mr, to + p * mr + i);
  for (Index i = 0; i < rows; ++i)
    for (Index p = i < block_rows ? block_depth : 0; p < depth; ++p)
      to[p * mr + i] = from[i * stride + p];
}

// Rounds k consecutive numbers to bfloat16. If k is odd, the last word is completed by a zero.
void to_words(Index k, const float* from, Word* to) {
  Index p = 0;
  for (; p + 1 < k; p += 2)
    to[p / 2] = bfloat16(from[p]) | static_cast<Word>(bfloat16(from[p + 1])) << 16;
  if (p < k) to[p / 2] = bfloat16(from[p]);
}

// Rounds two columns to bfloat16 and combines them into a column of words.
void join(Index n, const float* __restrict even, const float* __restrict odd, Word* __restrict to) {
  for (Index i = 0; i < n; ++i)
    to[i] = bfloat16(even[i]) | static_cast<Word>(bfloat16(odd[i])) << 16;
}

// Packs k columns of `rows` numbers into a panel of mr rows.
void pack_panel_of_columns(DataType type, const float* from, Index stride, Index rows, Index k,
                           Index mr, Word* to) {
  static_assert(sizeof(Word) == sizeof(float));
  const auto bytes = static_cast<std::size_t>(rows) * sizeof(float);
  const float zeros[kMaxMr] = {};
  if (type == DataType::float32)
    for (Index p = 0; p < k; ++p) std::memcpy(to + p * mr, from + p * stride, bytes);
  else
    for (Index p = 0; p < k; p += 2)
      join(rows, from + p * stride, p + 1 < k ? from + (p + 1) * stride : zeros, to + p / 2 * mr);
}

// Multiplies the last panel if it has fewer than mr rows: computes a whole block and copies its
// rows.
void multiply_short_panel(const Microkernels& micro, Index rows, Index columns, Index depth,
                          const Word* panel, const void* ahead, const void* x, Index x_stride,
                          bool add, float* y, Index y_stride) {
  float block[kMaxMr * kMaxNr];
  micro.kernels[columns - 1](depth, panel, ahead, x, x_stride, false, block, micro.mr);
  for (Index j = 0; j < columns; ++j)
    for (Index i = 0; i < rows; ++i) {
      float& to = y[j * y_stride + i];
      to = block[j * micro.mr + i] + (add ? to : 0);
    }
}

// Multiplies one panel by all columns, in blocks of similar width. The next panel starts
// `panel_stride` words after this one. Each block prefetches a fraction of it, because the weight
// may not be in a cache, and one block takes too little time to load a whole panel.
void multiply_panel(const Microkernels& micro, const Word* panel, Index panel_stride, Index rows,
                    Index depth, const char* x, Index x_stride, Index n, bool add, float* y,
                    Index y_stride) {
  const Index blocks = ceil_div(n, micro.nr);
  const Index lines = micro.mr * static_cast<Index>(sizeof(Word)) / kLine;  // that hold mr words
  for (Index t = 0; t < blocks; ++t) {
    const Index begin = t * n / blocks, columns = (t + 1) * n / blocks - begin;
    const char* from = x + begin * x_stride * static_cast<Index>(sizeof(Word));
    float* to = y + begin * y_stride;
    const char* next = reinterpret_cast<const char*>(panel + panel_stride);
    const char* ahead = next + std::min(t, lines - 1) * depth * kLine;
    if (rows == micro.mr)
      micro.kernels[columns - 1](depth, panel, ahead, from, x_stride, add, to, y_stride);
    else
      multiply_short_panel(micro, rows, columns, depth, panel, ahead, from, x_stride, add, to,
                           y_stride);
  }
}

void multiply_words(const Microkernels& micro, const Word* packed, const void* x, Index x_stride,
                    Index m, Index n, Index depth, bool add, float* y, Index y_stride) {
  const Index blocks = ceil_div(depth, micro.kc);
  for (Index block = 0; block < blocks; ++block) {
    const Index begin = block * depth / blocks, kc = (block + 1) * depth / blocks - begin;
    const char* from = static_cast<const char*>(x) + begin * static_cast<Index>(sizeof(Word));
    for (Index row = 0; row < m; row += micro.mr)
      multiply_panel(micro, packed + row * depth + begin * micro.mr, micro.mr * depth,
                     std::min<Index>(micro.mr, m - row), kc, from, x_stride, n, add || block > 0,
                     y + row, y_stride);
  }
}

// Returns scratch memory of the calling thread, which never shrinks.
Word* scratch(Index size) {
  thread_local std::vector<Word> memory;
  if (static_cast<Index>(memory.size()) < size) memory.resize(static_cast<std::size_t>(size));
  return memory.data();
}

// Clears the last panel if it has fewer than mr rows, so that the missing rows are zero.
void clear_last_panel(Index mr, Index m, Index depth, Word* packed) {
  if (m % mr != 0) std::fill_n(packed + m / mr * mr * depth, mr * depth, Word(0));
}

}  // namespace

bool available(DataType type) {
  return has_tiles(type) || find_microkernels(type);
}

bool has_tiles(DataType type) {
  return find_tile_kernels(type) != nullptr;
}

const char* instructions() {
  const Microkernels* found = find_microkernels(DataType::float32);
  return !found ? "" : found == avx512_microkernels() ? "AVX-512" : "AVX2";
}

Index size(DataType type, Index m, Index k) {
  if (has_tiles(type)) return tile_size(type, m, k);
  const Index mr = microkernels(type).mr;
  return ceil_div(m, mr) * mr * words(type, k);
}

void pack_rows(DataType type, const float* matrix, Index stride, Index m, Index k, Word* packed) {
  ATTN_CHECK(type != DataType::int8);
  if (const AmxKernels* amx = find_tile_kernels(type))
    return pack_for_tiles(*amx, {matrix, stride, true}, m, k, packed);
  const Index mr = microkernels(type).mr, depth = words(type, k);
  clear_last_panel(mr, m, depth, packed);
  for (Index row = 0; row < m; row += mr) {
    const Index rows = std::min(mr, m - row);
    const float* from = matrix + row * stride;
    Word* to = packed + row * depth;
    if (type == DataType::float32) {
      pack_panel(reinterpret_cast<const Word*>(from), stride, rows, depth, mr, to);
      continue;
    }
    Word* rounded = scratch(rows * depth);
    for (Index i = 0; i < rows; ++i) to_words(k, from + i * stride, rounded + i * depth);
    pack_panel(rounded, depth, rows, depth, mr, to);
  }
}

void pack_columns(DataType type, const float* matrix, Index stride, Index m, Index k,
                  Word* packed) {
  ATTN_CHECK(type != DataType::int8);
  if (const AmxKernels* amx = find_tile_kernels(type))
    return pack_for_tiles(*amx, {matrix, stride, false}, m, k, packed);
  const Index mr = microkernels(type).mr, depth = words(type, k);
  clear_last_panel(mr, m, depth, packed);
  for (Index row = 0; row < m; row += mr)
    pack_panel_of_columns(type, matrix + row, stride, std::min(mr, m - row), k, mr,
                          packed + row * depth);
}

void pack_bytes(const std::int8_t* matrix, Index stride, Index m, Index k, Word* packed) {
  pack_for_tiles(tile_kernels(DataType::int8), matrix, stride, m, k, packed);
}

void multiply(DataType type, const Word* packed, const float* x, Index x_stride, Index m, Index n,
              Index k, bool add, float* y, Index y_stride) {
  ATTN_CHECK(type != DataType::int8);
  if (const AmxKernels* amx = find_tile_kernels(type))
    return multiply_by_tiles(*amx, {.type = type,
                                    .packed = packed,
                                    .row_scales = nullptr,
                                    .x = {x, x_stride, true},
                                    .m = m,
                                    .n = n,
                                    .k = k,
                                    .add = add,
                                    .y = y,
                                    .y_stride = y_stride});
  const Microkernels& micro = microkernels(type);
  const Index depth = words(type, k);
  if (type == DataType::float32)
    return multiply_words(micro, packed, x, x_stride, m, n, depth, add, y, y_stride);
  Word* rounded = scratch(n * depth);
  for (Index j = 0; j < n; ++j) to_words(k, x + j * x_stride, rounded + j * depth);
  multiply_words(micro, packed, rounded, depth, m, n, depth, add, y, y_stride);
}

void multiply_bytes(const Word* packed, const float* row_scales, const float* x, Index x_stride,
                    Index m, Index n, Index k, bool add, float* y, Index y_stride) {
  multiply_by_tiles(tile_kernels(DataType::int8), {.type = DataType::int8,
                                                   .packed = packed,
                                                   .row_scales = row_scales,
                                                   .x = {x, x_stride, true},
                                                   .m = m,
                                                   .n = n,
                                                   .k = k,
                                                   .add = add,
                                                   .y = y,
                                                   .y_stride = y_stride});
}

// Computes the transposed matrix [k × m] += x dᵀ, stored column by column.
void add_outer(const float* d, Index d_stride, const float* x, Index x_stride, Index m, Index k,
               Index n, float* matrix, Index stride) {
  constexpr auto type = DataType::bfloat16;
  const AmxKernels& amx = tile_kernels(type);
  thread_local BufferOf<Word> packed;
  if (packed.size() < tile_size(type, k, n))
    packed = BufferOf<Word>(tile_size(type, k, n), Pages::large);
  pack_for_tiles(amx, {x, x_stride, false}, k, n, packed.data());
  multiply_by_tiles(amx, {.type = type,
                          .packed = packed.data(),
                          .row_scales = nullptr,
                          .x = {d, d_stride, false},
                          .m = k,
                          .n = m,
                          .k = n,
                          .add = true,
                          .y = matrix,
                          .y_stride = stride});
}

}  // namespace attn::packed
