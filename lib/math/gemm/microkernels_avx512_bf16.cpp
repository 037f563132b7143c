// Microkernels for bfloat16 with float sums, compiled for AVX-512 BF16 (CMakeLists.txt).
#include "math/gemm/microkernels.h"

#if defined(__AVX512BF16__)
#include <cstring>

#include "math/gemm/avx512_vectors.h"

namespace attn::packed {
namespace {

// A word is a pair of numbers; the products of both are added to one sum.
struct Pairs : Avx512Vectors {
  static Vector broadcast(const void* p) {
    int pair;
    std::memcpy(&pair, p, sizeof pair);
    return _mm512_castsi512_ps(_mm512_set1_epi32(pair));
  }
  static Vector multiply_add(Vector a, Vector b, Vector c) {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

}  // namespace

const Microkernels* avx512_bf16_microkernels() {
  return __builtin_cpu_supports("avx512bf16") ? &kAvx512Microkernels<Pairs> : nullptr;
}

}  // namespace attn::packed

#else
const attn::packed::Microkernels* attn::packed::avx512_bf16_microkernels() {
  return nullptr;
}
#endif
