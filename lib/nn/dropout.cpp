#include "nn/dropout.h"

namespace attn {

Dropout::Mask Dropout::mask(const DropoutContext& noise, std::uint64_t example_id) const {
  Mask mask;
  if (!is_active(noise)) return mask;
  const std::uint64_t bits = noise.key.at(name_).at(example_id).bits();
  mask.low_ = static_cast<std::uint32_t>(bits);
  mask.high_ = static_cast<std::uint32_t>(bits >> 32);
  mask.threshold_ = static_cast<std::uint32_t>(rate_ * 0x1p32);
  mask.scale_ = static_cast<Real>(1 / (1 - rate_));
  return mask;
}

void Dropout::apply(const DropoutContext& noise, IndexSpan<const std::uint64_t> example_ids,
                    Out x) const {
  if (!is_active(noise)) return;
  for (Index j = 0; j < x.cols(); ++j) {
    const Mask column = mask(noise, example_ids[j]);
    Real* values = x.col(j);
    for (Index i = 0; i < x.rows(); ++i) values[i] *= column(i);
  }
}

}  // namespace attn
