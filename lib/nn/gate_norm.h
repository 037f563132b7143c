// Layer normalization inside a cell (Ba, Kiros and Hinton 2016, eq. 4). The pre-activation of each
// gate, that is, the sum of its input part, recurrent part and biases, is normalized separately.
#pragma once

#include <vector>

#include "nn/layer_norm.h"

namespace attn {

class GateNorm {
 public:
  // With 0 gates, all functions do nothing.
  GateNorm(Scope at, Index gates, Index hidden);

  // Returns the number of rows of `saved`.
  Index saved_rows() const;

  // Normalizes the pre-activations of gates [first, first + count) in place.
  void forward(const Weights& w, Index first, Index count, Out sums, Out saved) const;
  // Replaces the gradient of the normalized pre-activations by that of the pre-activations.
  void backward(const Weights& w, Index first, Index count, Out dsums, Out saved) const;
  // Adds the gradients of the parameters to g, for any number of columns after backward().
  void accumulate(In saved, WeightGradients g) const;

 private:
  // Returns the number of saved rows per gate: those of LayerNorm, then the gradient of the
  // normalized pre-activation, which backward() writes.
  Index rows_per_gate() const { return norms_[0].saved_rows() + hidden_; }

  std::vector<LayerNorm> norms_;
  Index hidden_;
};

}  // namespace attn
