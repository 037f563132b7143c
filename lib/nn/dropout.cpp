#include "nn/dropout.h"

namespace attn {
namespace {

// 32 well-mixed bits of 32: two rounds of multiply and xor-shift, constants found by search
// (Wellons 2018).
inline std::uint32_t mix32(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352dU;
  x = (x ^ (x >> 15)) * 0x846ca68bU;
  return x ^ (x >> 16);
}

}  // namespace

void Dropout::apply(const Noise& noise, std::span<const std::uint64_t> places, Out x) const {
  if (!noise.on || rate_ == 0) return;
  const RandomKey layer = noise.key.at(name_);
  const auto threshold = static_cast<std::uint32_t>(rate_ * 0x1p32);
  const auto scale = static_cast<Real>(1 / (1 - rate_));
  for (Index j = 0; j < x.cols(); ++j) {
    const std::uint64_t bits = layer.at(places[static_cast<std::size_t>(j)]).bits();
    const auto low = static_cast<std::uint32_t>(bits),
               high = static_cast<std::uint32_t>(bits >> 32);
    Real* values = x.col(j).data();
    const auto rows = static_cast<std::uint32_t>(x.rows());
    for (std::uint32_t i = 0; i < rows; ++i)
      values[i] *= mix32(i * 0x9e3779b9U + low) + high < threshold ? Real(0) : scale;
  }
}

}  // namespace attn
