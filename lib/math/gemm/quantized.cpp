#include "math/gemm/quantized.h"

#include <algorithm>
#include <cmath>

namespace attn {
namespace {

constexpr float kMaxQuantizedWeight = 127;
constexpr float kMinMagnitude = 1e-30F;

}  // namespace

float max_magnitude(const float* x, Index n) {
  float max = 0;
  for (Index i = 0; i < n; ++i) max = std::max(max, std::abs(x[i]));
  return max > kMinMagnitude ? max : 0;
}

QuantizedRows quantize_rows(const float* weight, Index m, Index k) {
  QuantizedRows out;
  out.numbers.reserve(static_cast<std::size_t>(m * k));
  for (Index i = 0; i < m; ++i) {
    const float* from = weight + i * k;
    const float max = max_magnitude(from, k);
    const float inverse = max > 0 ? kMaxQuantizedWeight / max : 0;
    for (Index j = 0; j < k; ++j)
      out.numbers.push_back(static_cast<std::int8_t>(std::lrint(from[j] * inverse)));
    out.scales.push_back(max / kMaxQuantizedWeight);
  }
  return out;
}

}  // namespace attn
