// The common parts of the AVX-512 microkernels. They are in an anonymous namespace, so that each
// file has its own copy, compiled with its own options.
#pragma once

#include "math/gemm/microkernels.h"

#if defined(__AVX512F__)
#include <immintrin.h>

namespace attn::packed {
namespace {

// Vectors of 16 floats.
struct Avx512Vectors {
  using Vector = __m512;
  static constexpr int lanes = 16;
  static Vector zero() { return _mm512_setzero_ps(); }
  static Vector load(const void* p) { return _mm512_loadu_ps(p); }
  static Vector add_stored(const float* p, Vector a) {
    return _mm512_add_ps(_mm512_loadu_ps(p), a);
  }
  static void store(Vector a, float* p) { _mm512_storeu_ps(p, a); }
};

template <class V>
constexpr Microkernel kAvx512Kernels[] = {
    microkernel<V, 2, 1>, microkernel<V, 2, 2>,  microkernel<V, 2, 3>,  microkernel<V, 2, 4>,
    microkernel<V, 2, 5>, microkernel<V, 2, 6>,  microkernel<V, 2, 7>,  microkernel<V, 2, 8>,
    microkernel<V, 2, 9>, microkernel<V, 2, 10>, microkernel<V, 2, 11>, microkernel<V, 2, 12>};

// The sums occupy 24 of the 32 registers. A panel is read fast enough from the L2 cache.
template <class V>
constexpr Microkernels kAvx512Microkernels = {
    .mr = 32, .nr = 12, .kc = 1024, .kernels = kAvx512Kernels<V>};

}  // namespace
}  // namespace attn::packed

#endif
