// Dropout (Srivastava et al. 2014), inverted: what stays is divided by the share that stays.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.h"
#include "math/types.h"

namespace attn {

// The randomness of one update; off while scoring and translating.
struct Noise {
  bool on = false;
  RandomKey key{};
};

// A mask is a function of the update, the layer's name and the column's place (sentence and
// position in the update): backward is the same call on the gradient, and neither shards nor
// threads nor resuming change it.
class Dropout {
 public:
  Dropout(std::string_view name, double rate) : rate_(rate), name_(RandomKey().at(name).bits()) {}

  // places: one number per column of x.
  void apply(const Noise& noise, std::span<const std::uint64_t> places, Out x) const;

 private:
  double rate_;
  std::uint64_t name_;
};

}  // namespace attn
