// Dropout (Srivastava et al. 2014), inverted: what stays is divided by the share that stays.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.h"
#include "math/types.h"

namespace attn {

// The randomness of one update; off while scoring and translating.
struct DropoutContext {
  bool on = false;
  RandomKey key{};
};

// A mask is a function of the update, the layer's name and the column's place (sentence and
// position in the update): backward is the same call on the gradient, and neither shards nor
// threads nor resuming change it.
class Dropout {
 public:
  Dropout(std::string_view name, double rate) : rate_(rate), name_(RandomKey().at(name).bits()) {}

  // What number i of the column at this place is multiplied by: 0, or 1/(1 − rate).
  class Mask {
   public:
    Real operator()(Index i) const {
      return mix32(static_cast<std::uint32_t>(i) * 0x9e3779b9U + low_) + high_ < threshold_
                 ? Real(0)
                 : scale_;
    }

   private:
    friend class Dropout;
    // 32 well-mixed bits of 32: two rounds of multiply and xor-shift, constants found by search
    // (Wellons 2018).
    static std::uint32_t mix32(std::uint32_t x) {
      x = (x ^ (x >> 16)) * 0x7feb352dU;
      x = (x ^ (x >> 15)) * 0x846ca68bU;
      return x ^ (x >> 16);
    }
    std::uint32_t low_ = 0, high_ = 0, threshold_ = 0;
    Real scale_ = 1;
  };
  Mask mask(const DropoutContext& noise, std::uint64_t example_id) const;

  bool drops(const DropoutContext& noise) const { return noise.on && rate_ > 0; }
  // example_ids: one number per column of x.
  void apply(const DropoutContext& noise, std::span<const std::uint64_t> example_ids, Out x) const;

 private:
  double rate_;
  std::uint64_t name_;
};

}  // namespace attn
