// Inverted dropout (Srivastava et al. 2014): a number is set to 0 with probability `rate`, or else
// multiplied by 1/(1 − rate).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.h"
#include "math/matrix_view.h"

namespace attn {

// The randomness of one update. It is off in scoring and translation.
struct DropoutContext {
  bool on = false;
  RandomKey key{};
};

// The mask is a function of the key of the update, the name of the layer and the example id of the
// column. Therefore the backward pass is apply() on the gradient, and the mask does not depend on
// shards, threads or resuming.
class Dropout {
 public:
  Dropout(std::string_view name, double rate) : rate_(rate), name_(RandomKey().at(name).bits()) {}

  // The mask of one column: the factor of its i-th number, 0 or 1/(1 − rate).
  class Mask {
   public:
    Real operator()(Index i) const {
      return mix32(static_cast<std::uint32_t>(i) * 0x9e3779b9U + low_) + high_ < threshold_
                 ? Real(0)
                 : scale_;
    }

   private:
    friend class Dropout;
    // Maps 32 bits to 32 well-mixed bits with two rounds of multiply and xor-shift; constants by
    // Wellons 2018.
    static std::uint32_t mix32(std::uint32_t x) {
      x = (x ^ (x >> 16)) * 0x7feb352dU;
      x = (x ^ (x >> 15)) * 0x846ca68bU;
      return x ^ (x >> 16);
    }
    std::uint32_t low_ = 0, high_ = 0;  // the random bits of the column
    std::uint32_t threshold_ = 0;       // rate · 2³²: smaller random numbers mean 0
    Real scale_ = 1;
  };
  // Returns the mask of a column; all factors are 1 if dropout is not active.
  Mask mask(const DropoutContext& noise, std::uint64_t example_id) const;

  // Returns whether the masks have zeros.
  bool is_active(const DropoutContext& noise) const { return noise.on && rate_ > 0; }
  // Applies the masks to x in place. `example_ids` has one number per column of x.
  void apply(const DropoutContext& noise, IndexSpan<const std::uint64_t> example_ids, Out x) const;

 private:
  double rate_;
  std::uint64_t name_;
};

}  // namespace attn
