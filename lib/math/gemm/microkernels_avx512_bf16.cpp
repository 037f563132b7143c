// Compiled for AVX-512 with its products of bfloat16 (CMakeLists.txt).
#include "math/gemm/microkernels.h"

#if defined(__AVX512BF16__)
#include <cstring>

#include <immintrin.h>

namespace attn::packed {
namespace {

// A word is two numbers, and their products are summed in a float.
struct Pairs {
  using Vector = __m512;
  static constexpr int lanes = 16;
  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector load(const void* p) { return _mm512_loadu_ps(p); }
  static Vector broadcast(const void* p) {
    int pair;
    std::memcpy(&pair, p, sizeof pair);
    return _mm512_castsi512_ps(_mm512_set1_epi32(pair));
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
  static Vector add_stored(const float* p, Vector a) {
    return _mm512_add_ps(_mm512_loadu_ps(p), a);
  }
  static void store(Vector a, float* p) { _mm512_storeu_ps(p, a); }
};

constexpr Tile kTiles[] = {tile<Pairs, 2, 1>,  tile<Pairs, 2, 2>,  tile<Pairs, 2, 3>,
                           tile<Pairs, 2, 4>,  tile<Pairs, 2, 5>,  tile<Pairs, 2, 6>,
                           tile<Pairs, 2, 7>,  tile<Pairs, 2, 8>,  tile<Pairs, 2, 9>,
                           tile<Pairs, 2, 10>, tile<Pairs, 2, 11>, tile<Pairs, 2, 12>};
constexpr Tiles kAvx512Bf16 = {32, 12, 1024, kTiles};

}  // namespace

const Tiles* avx512_bf16_microkernels() {
  return __builtin_cpu_supports("avx512bf16") ? &kAvx512Bf16 : nullptr;
}

}  // namespace attn::packed

#else
const attn::packed::Tiles* attn::packed::avx512_bf16_microkernels() {
  return nullptr;
}
#endif
