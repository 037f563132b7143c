// Microkernels for float, compiled for AVX2 and FMA (CMakeLists.txt).
#include "math/gemm/microkernels.h"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

namespace attn::packed {
namespace {

struct Floats {
  using Vector = __m256;
  static constexpr int lanes = 8;
  static Vector zero() { return _mm256_setzero_ps(); }
  static Vector load(const void* p) { return _mm256_loadu_ps(static_cast<const float*>(p)); }
  static Vector broadcast(const void* p) {
    return _mm256_broadcast_ss(static_cast<const float*>(p));
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
  static Vector add_stored(const float* p, Vector a) {
    return _mm256_add_ps(_mm256_loadu_ps(p), a);
  }
  static void store(Vector a, float* p) { _mm256_storeu_ps(p, a); }
};

constexpr Microkernel kKernels[] = {microkernel<Floats, 2, 1>, microkernel<Floats, 2, 2>,
                                    microkernel<Floats, 2, 3>, microkernel<Floats, 2, 4>,
                                    microkernel<Floats, 2, 5>, microkernel<Floats, 2, 6>};
// The sums occupy 12 of the 16 registers. A panel has 24 KiB.
constexpr Microkernels kAvx2 = {.mr = 16, .nr = 6, .kc = 384, .kernels = kKernels};

}  // namespace

const Microkernels* avx2_microkernels() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kAvx2 : nullptr;
}

}  // namespace attn::packed

#else
const attn::packed::Microkernels* attn::packed::avx2_microkernels() {
  return nullptr;
}
#endif
