// Compiled for AVX-512 (CMakeLists.txt).
#include "math/gemm/microkernels.h"

#if defined(__AVX512F__)
#include <immintrin.h>

namespace attn::packed {
namespace {

struct Floats {
  using Vector = __m512;
  static constexpr int lanes = 16;
  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector load(const void* p) { return _mm512_loadu_ps(p); }
  static Vector broadcast(const void* p) { return _mm512_set1_ps(*static_cast<const float*>(p)); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
  static Vector add_stored(const float* p, Vector a) {
    return _mm512_add_ps(_mm512_loadu_ps(p), a);
  }
  static void store(Vector a, float* p) { _mm512_storeu_ps(p, a); }
};

// 24 of the 32 registers; a panel that the second cache holds streams fast enough.
constexpr Tile kTiles[] = {tile<Floats, 2, 1>,  tile<Floats, 2, 2>,  tile<Floats, 2, 3>,
                           tile<Floats, 2, 4>,  tile<Floats, 2, 5>,  tile<Floats, 2, 6>,
                           tile<Floats, 2, 7>,  tile<Floats, 2, 8>,  tile<Floats, 2, 9>,
                           tile<Floats, 2, 10>, tile<Floats, 2, 11>, tile<Floats, 2, 12>};
constexpr Tiles kAvx512 = {32, 12, 1024, kTiles};

}  // namespace

const Tiles* avx512_microkernels() {
  return __builtin_cpu_supports("avx512f") ? &kAvx512 : nullptr;
}

}  // namespace attn::packed

#else
const attn::packed::Tiles* attn::packed::avx512_microkernels() {
  return nullptr;
}
#endif
