// Microkernels for float, compiled for AVX-512 (CMakeLists.txt).
#include "math/gemm/avx512_vectors.h"

#if defined(__AVX512F__)
namespace attn::packed {
namespace {

struct Floats : Avx512Vectors {
  static Vector broadcast(const void* p) { return _mm512_set1_ps(*static_cast<const float*>(p)); }
  static Vector multiply_add(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
};

}  // namespace

const Microkernels* avx512_microkernels() {
  return __builtin_cpu_supports("avx512f") ? &kAvx512Microkernels<Floats> : nullptr;
}

}  // namespace attn::packed

#else
const attn::packed::Microkernels* attn::packed::avx512_microkernels() {
  return nullptr;
}
#endif
