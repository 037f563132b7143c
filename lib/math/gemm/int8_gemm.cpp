#include "math/gemm/int8_gemm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "math/gemm/onednn.h"
#include "math/gemm/weight_cache.h"

namespace attn {
namespace {

constexpr float kWeight = 127;
constexpr Index kSums = 65536;    // of four bytes
constexpr float kLeast = 1e-30F;  // what is smaller counts as zero: dividing by it would overflow

struct Quantized {
  std::vector<std::int8_t> rows;  // [m × k] row by row
  std::vector<float> scales;      // a_i
};

// Those of the weights that are fixed now.
struct KeptRows {
  std::mutex mutex;
  long era = 0;
  std::map<const float*, Quantized> weights;
};

float largest(const float* x, Index n) {
  float most = 0;
  for (Index i = 0; i < n; ++i) most = std::max(most, std::abs(x[i]));
  return most;
}

Quantized quantized(const float* weight, Index m, Index k) {
  Quantized out;
  out.rows.resize(static_cast<std::size_t>(m * k));
  for (Index i = 0; i < m; ++i) {
    const float* from = weight + i * k;
    const float most = largest(from, k), inverse = most > kLeast ? kWeight / most : 0;
    std::int8_t* to = out.rows.data() + i * k;
    for (Index j = 0; j < k; ++j) to[j] = static_cast<std::int8_t>(std::lrint(from[j] * inverse));
    out.scales.push_back(most / kWeight);
  }
  return out;
}

const Quantized& kept_weight(const float* weight, Index m, Index k, long era) {
  static KeptRows kept;
  const std::lock_guard lock(kept.mutex);
  if (kept.era != era) kept.weights.clear(), kept.era = era;
  const auto [at, is_new] = kept.weights.try_emplace(weight);
  if (is_new) at->second = quantized(weight, m, k);
  return at->second;
}

// Stands for an activation of zero: bytes are unsigned.
std::uint8_t zero() {
  return static_cast<std::uint8_t>(max_quantized_activation() + 1);
}

// A thread's own, which only grow: filling them with zeros for each product would show.
struct Activations {
  std::vector<std::uint8_t> columns;  // [k × n] z + zero(), column by column
  std::vector<float> scales;          // b_t
  std::vector<std::int32_t> sums;     // [rows × n] of some rows
};

template <class Number>
void grow(std::vector<Number>& numbers, Index n) {
  if (static_cast<Index>(numbers.size()) < n) numbers.resize(static_cast<std::size_t>(n));
}

void quantize_columns(const float* x, Index stride, Index k, Index n, Activations& out) {
  grow(out.columns, k * n);
  grow(out.scales, n);
  const auto whole = static_cast<float>(max_quantized_activation());
  const float rounding = zero() + 0.5F;  // above zero, so that cutting after adding is rounding
  for (Index t = 0; t < n; ++t) {
    const float* from = x + t * stride;
    const float most = largest(from, k), inverse = most > kLeast ? whole / most : 0;
    std::uint8_t* to = out.columns.data() + t * k;
    for (Index j = 0; j < k; ++j)
      to[j] = static_cast<std::uint8_t>(static_cast<int>(from[j] * inverse + rounding));
    out.scales[static_cast<std::size_t>(t)] = most / whole;
  }
}

void scale_column(Index m, const float* rows, float scale, const std::int32_t* sums, bool add,
                  float* y) {
  if (add)
    for (Index i = 0; i < m; ++i) y[i] += rows[i] * scale * static_cast<float>(sums[i]);
  else
    for (Index i = 0; i < m; ++i) y[i] = rows[i] * scale * static_cast<float>(sums[i]);
}

}  // namespace

int max_quantized_activation() {
  return onednn::sums_bytes_whole() ? 127 : 63;
}

bool multiply_int8(const float* weight, Index m, Index k, const float* x, Index x_stride, Index n,
                   bool add, float* y, Index y_stride) {
  const long era = weights_generation();
  if (era == 0) return false;
  const Quantized& w = kept_weight(weight, m, k, era);
  thread_local Activations a;
  quantize_columns(x, x_stride, k, n, a);
  // So many rows at a time that their sums stay in the nearest caches.
  const Index most = std::max<Index>(kSums / n, 64);
  grow(a.sums, std::min(most, m) * n);
  for (Index row = 0; row < m; row += most) {
    const Index rows = std::min(most, m - row);
    onednn::multiply_bytes(w.rows.data() + row * k, rows, k, a.columns.data(), zero(), n,
                           a.sums.data());
    for (Index t = 0; t < n; ++t)
      scale_column(rows, w.scales.data() + row, a.scales[static_cast<std::size_t>(t)],
                   a.sums.data() + t * rows, add, y + t * y_stride + row);
  }
  return true;
}

}  // namespace attn
