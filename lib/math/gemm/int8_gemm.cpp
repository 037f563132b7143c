#include "math/gemm/int8_gemm.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "math/gemm/onednn.h"

namespace attn {
namespace {

constexpr Index kMaxSums = 65536;  // integer sums that are computed at a time: 256 KiB

// Returns the byte that represents an activation of zero, because oneDNN requires unsigned bytes.
std::uint8_t zero_point() {
  return static_cast<std::uint8_t>(max_quantized_activation() + 1);
}

// Buffers of one thread. They never shrink, because initializing them for each product would take
// measurable time.
struct Activations {
  std::vector<std::uint8_t> columns;  // z + zero_point() [k × n] column by column
  std::vector<float> scales;          // b_t
  std::vector<std::int32_t> sums;     // [rows × n] for some rows of the weight
};

template <class Number>
void grow(std::vector<Number>& numbers, Index n) {
  if (static_cast<Index>(numbers.size()) < n) numbers.resize(static_cast<std::size_t>(n));
}

void quantize_columns(const float* x, Index stride, Index k, Index n, Activations& out) {
  grow(out.columns, k * n);
  grow(out.scales, n);
  const auto max_quantized = static_cast<float>(max_quantized_activation());
  // Makes numbers positive, so that truncation rounds them.
  const float offset = zero_point() + 0.5F;
  for (Index t = 0; t < n; ++t) {
    const float* from = x + t * stride;
    const float max = max_magnitude(from, k);
    const float inverse = max > 0 ? max_quantized / max : 0;
    std::uint8_t* to = out.columns.data() + t * k;
    for (Index j = 0; j < k; ++j)
      to[j] = static_cast<std::uint8_t>(static_cast<int>(from[j] * inverse + offset));
    out.scales[static_cast<std::size_t>(t)] = max / max_quantized;
  }
}

void scale_column(Index m, const float* row_scales, float scale, const std::int32_t* sums, bool add,
                  float* y) {
  if (add)
    for (Index i = 0; i < m; ++i) y[i] += row_scales[i] * scale * static_cast<float>(sums[i]);
  else
    for (Index i = 0; i < m; ++i) y[i] = row_scales[i] * scale * static_cast<float>(sums[i]);
}

}  // namespace

int max_quantized_activation() {
  return onednn::has_vnni() ? 127 : 63;
}

void multiply_int8(const QuantizedRows& w, Index m, Index k, const float* x, Index x_stride,
                   Index n, bool add, float* y, Index y_stride) {
  thread_local Activations a;
  quantize_columns(x, x_stride, k, n, a);
  // Computes a block of rows at a time, so that their sums stay in the L1 and L2 caches.
  const Index block = std::max<Index>(kMaxSums / n, 64);
  grow(a.sums, std::min(block, m) * n);
  for (Index row = 0; row < m; row += block) {
    const Index rows = std::min(block, m - row);
    onednn::multiply_bytes(w.numbers.data() + row * k, rows, k, a.columns.data(), zero_point(), n,
                           a.sums.data());
    for (Index t = 0; t < n; ++t)
      scale_column(rows, w.scales.data() + row, a.scales[static_cast<std::size_t>(t)],
                   a.sums.data() + t * rows, add, y + t * y_stride + row);
  }
}

}  // namespace attn
