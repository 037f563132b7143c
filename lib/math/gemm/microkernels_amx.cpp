// Products of tile registers, compiled for AMX and AVX-512 (CMakeLists.txt).
#include "math/gemm/microkernels.h"

// clang 14 and older use the names without underscores.
#if ((defined(__AMX_BF16__) && defined(__AMX_INT8__)) || \
     (defined(__AMXBF16__) && defined(__AMXINT8__))) &&  \
    defined(__AVX512BF16__) && defined(__AVX512BW__) && defined(__linux__) && defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace attn::packed {
namespace {

constexpr std::ptrdiff_t kBytes = 4;  // of a word and of a sum

// The registers of a block. An intrinsic function requires a literal number, so that the following
// code repeats them:
//   0 1   sums of the first tile with rows 0 … 15 and 16 … 31 of the panel
//   2 3   sums of the second tile
//   4 5   tiles
//   6 7   panel
constexpr int kRegisters = 8;

// Prevents the compiler from moving accesses to memory; some versions do not know that the
// intrinsic functions read it.
void finish_stores(const void* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

void configure(std::ptrdiff_t first, std::ptrdiff_t second) {
  struct alignas(64) {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
  } config;
  const std::ptrdiff_t rows[kRegisters] = {first, first,  second,    second,
                                           first, second, kTileSize, kTileSize};
  for (int i = 0; i < kRegisters; ++i) {
    config.rows[i] = static_cast<std::uint8_t>(rows[i]);
    config.row_bytes[i] = rows[i] > 0 ? kTileSize * kBytes : 0;
  }
  finish_stores(&config);
  _tile_loadconfig(&config);
}

void release() {
  _tile_release();
}

struct Bfloat16 {
  static void multiply_first() {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
  }
  static void multiply_second() {
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
};

struct Int8 {
  static void multiply_first() {
    _tile_dpbssd(0, 4, 6);
    _tile_dpbssd(1, 4, 7);
  }
  static void multiply_second() {
    _tile_dpbssd(2, 5, 6);
    _tile_dpbssd(3, 5, 7);
  }
};

template <bool two>
void load_sums(const char* first, const char* second, std::ptrdiff_t stride) {
  _tile_loadd(0, first, stride);
  _tile_loadd(1, first + kLine, stride);
  if constexpr (!two) return;
  _tile_loadd(2, second, stride);
  _tile_loadd(3, second + kLine, stride);
}

template <bool two>
void clear_sums() {
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (!two) return;
  _tile_zero(2);
  _tile_zero(3);
}

template <bool two>
void store_sums(char* first, char* second, std::ptrdiff_t stride) {
  _tile_stored(0, first, stride);
  _tile_stored(1, first + kLine, stride);
  if constexpr (!two) return;
  _tile_stored(2, second, stride);
  _tile_stored(3, second + kLine, stride);
}

template <class Number, bool two>
void multiply_tiles(const TileBlock& b) {
  const std::ptrdiff_t stride = b.y_stride * kBytes;
  char *const first = static_cast<char*>(b.y), *const second = first + b.first * stride;
  finish_stores(b.y);
  b.add ? load_sums<two>(first, second, stride) : clear_sums<two>();
  for (std::ptrdiff_t s = 0; s < b.steps; ++s) {
    const char* const panel = b.panel + s * kTilePanelBytes;
    _tile_loadd(6, panel, 2 * kLine);
    _tile_loadd(4, b.tiles[0] + s * kTileBytes, kLine);
    _tile_loadd(7, panel + kLine, 2 * kLine);
    Number::multiply_first();
    if constexpr (!two) continue;
    _tile_loadd(5, b.tiles[1] + s * kTileBytes, kLine);
    Number::multiply_second();
  }
  store_sums<two>(first, second, stride);
}

template <class Number>
void multiply_block(const TileBlock& b) {
  b.tiles[1] ? multiply_tiles<Number, true>(b) : multiply_tiles<Number, false>(b);
}

// Returns a mask of the first `count` of 16 numbers, or of all if there are more.
__mmask16 first_of(std::ptrdiff_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xFFFFU : count <= 0 ? 0U : (1U << count) - 1);
}

__m512 load(const float* from, __mmask16 mask) {
  return _mm512_maskz_loadu_ps(mask, from);
}

__m512i rounded(__m512 low, __m512 high) {
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
}

using Words = __m512i[kTileSize];

// Rounds rows of consecutive numbers: vector i holds the words of row i.
void round_rows(const TileSource& s, Words words) {
  const __mmask16 low = first_of(s.depth), high = first_of(s.depth - 16);
  for (int i = 0; i < kTileSize; ++i) {
    const float* const from = s.data + i * s.stride;
    words[i] =
        i < s.count ? rounded(load(from, low), load(from + 16, high)) : _mm512_setzero_si512();
  }
}

// Returns the numbers p of all rows.
__m512 load_depth(const TileSource& s, std::ptrdiff_t p) {
  return p < s.depth ? load(s.data + p * s.stride, first_of(s.count)) : _mm512_setzero_ps();
}

// Rounds rows whose numbers are not consecutive: vector p holds word p of all rows.
void round_pairs(const TileSource& s, Words words) {
  const __m512i interleave =
      _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                       21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  for (int p = 0; p < kTileSize; ++p)
    words[p] = _mm512_permutexvar_epi16(interleave,
                                        rounded(load_depth(s, 2 * p), load_depth(s, 2 * p + 1)));
}

// Transposes 4 × 4 blocks of words within each group of four vectors.
void transpose_quarters(Words w) {
#pragma GCC unroll 4
  for (int i = 0; i < kTileSize; i += 4) {
    const __m512i a = _mm512_unpacklo_epi32(w[i], w[i + 1]),
                  b = _mm512_unpackhi_epi32(w[i], w[i + 1]),
                  c = _mm512_unpacklo_epi32(w[i + 2], w[i + 3]),
                  d = _mm512_unpackhi_epi32(w[i + 2], w[i + 3]);
    w[i] = _mm512_unpacklo_epi64(a, c);
    w[i + 1] = _mm512_unpackhi_epi64(a, c);
    w[i + 2] = _mm512_unpacklo_epi64(b, d);
    w[i + 3] = _mm512_unpackhi_epi64(b, d);
  }
}

// Transposes a 16 × 16 matrix of words.
void transpose(Words w) {
  transpose_quarters(w);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {  // transposes the 4 × 4 matrix of blocks
    const __m512i a = _mm512_shuffle_i32x4(w[i], w[i + 4], 0x88),
                  b = _mm512_shuffle_i32x4(w[i], w[i + 4], 0xDD),
                  c = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0x88),
                  d = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0xDD);
    w[i] = _mm512_shuffle_i32x4(a, c, 0x88);
    w[i + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
    w[i + 8] = _mm512_shuffle_i32x4(a, c, 0xDD);
    w[i + 12] = _mm512_shuffle_i32x4(b, d, 0xDD);
  }
}

void store(const Words words, char* to, std::ptrdiff_t stride) {
  for (int i = 0; i < kTileSize; ++i) _mm512_storeu_si512(to + i * stride, words[i]);
}

void pack(const TileSource& source, bool transposed, char* to, std::ptrdiff_t to_stride) {
  Words words;
  source.contiguous_depth ? round_rows(source, words) : round_pairs(source, words);
  if (source.contiguous_depth == transposed) transpose(words);
  store(words, to, to_stride);
}

void pack_bytes(const std::int8_t* from, std::ptrdiff_t stride, std::ptrdiff_t count,
                std::ptrdiff_t depth, char* to, std::ptrdiff_t to_stride) {
  const __mmask64 mask = depth >= 64 ? ~__mmask64{0} : (__mmask64{1} << depth) - 1;
  Words words;
  for (int i = 0; i < kTileSize; ++i)
    words[i] =
        i < count ? _mm512_maskz_loadu_epi8(mask, from + i * stride) : _mm512_setzero_si512();
  transpose(words);
  store(words, to, to_stride);
}

float largest_magnitude(const float* x, std::ptrdiff_t n) {
  __m512 largest = _mm512_setzero_ps();
  for (std::ptrdiff_t i = 0; i < n; i += 16)
    largest = _mm512_max_ps(largest, _mm512_abs_ps(load(x + i, first_of(n - i))));
  return _mm512_reduce_max_ps(largest);
}

float quantize(const float* x, std::ptrdiff_t depth, char* to) {
  constexpr float kMaxQuantized = 127;
  constexpr float kMinMagnitude = 1e-30F;  // smaller ones are zero: their inverse would overflow
  const float largest = largest_magnitude(x, depth);
  const __m512 factor = _mm512_set1_ps(largest > kMinMagnitude ? kMaxQuantized / largest : 0);
  for (std::ptrdiff_t p = 0; p < depth; p += 64, to += kTileBytes)
    for (std::ptrdiff_t i = 0; i < 64; i += 16) {
      const __m512 numbers = load(x + p + i, first_of(depth - p - i));
      const __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(numbers, factor));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm512_cvtepi32_epi8(integers));
    }
  return largest / kMaxQuantized;
}

// Returns whether the processor has AMX with both types of numbers.
bool processor_has_amx() {
  constexpr unsigned kBf16 = 1U << 22, kTile = 1U << 24, kInt8 = 1U << 25;  // of EDX
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & kBf16) && (d & kTile) && (d & kInt8);
}

// Returns whether the operating system saves the tile registers of a process.
bool system_has_amx() {
  constexpr unsigned kXsave = 1U << 27, kTiles = 3U << 17;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & kXsave)) return false;
  asm volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (a & kTiles) == kTiles;
}

// Asks Linux for the permission to use the tile registers, which all threads of a process share.
bool request_permission() {
  constexpr long kRequestFeature = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, kRequestFeature, kTileData) == 0;
}

bool is_usable() {
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
         processor_has_amx() && system_has_amx() && request_permission();
}

constexpr AmxKernels kAmxKernels = {.configure = configure,
                                    .release = release,
                                    .multiply_bfloat16 = multiply_block<Bfloat16>,
                                    .multiply_int8 = multiply_block<Int8>,
                                    .pack = pack,
                                    .pack_bytes = pack_bytes,
                                    .quantize = quantize};

}  // namespace

const AmxKernels* amx_kernels() {
  static const bool usable = is_usable();
  return usable ? &kAmxKernels : nullptr;
}

}  // namespace attn::packed

#else
const attn::packed::AmxKernels* attn::packed::amx_kernels() {
  return nullptr;
}
#endif
