// Layer normalization inside a cell (Ba, Kiros and Hinton 2016, eq. 4): the sum that enters a gate,
// of its input, the state and all else, is normalized, each gate by itself.
#pragma once

#include <vector>

#include "nn/layer_norm.h"

namespace attn {

class GateNorm {
 public:
  // Without gates it does nothing.
  GateNorm(Scope at, Index gates, Index hidden);

  Index saved_rows() const;

  // The sums of `count` gates from number `first` on, in place.
  void forward(const Params& w, Index first, Index count, Out sums, Out kept) const;
  // From the gradient of the normalized sums to that of the sums, in place.
  void backward(const Params& w, Index first, Index count, Out dsums, Out kept) const;
  void accumulate(In kept, Params& g) const;

 private:
  // What is kept of a gate: LayerNorm's rows and, after backward, the gradient of the normalized
  // sum.
  Index rows_of_gate() const { return norms_[0].saved_rows() + hidden_; }

  std::vector<LayerNorm> norms_;
  Index hidden_;
};

}  // namespace attn
