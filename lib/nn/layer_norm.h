// Layer normalization of each column (Ba, Kiros and Hinton 2016, eq. 3 and 4):
//   y = g∘x̂ + b,   x̂ = (x − μ)/σ,   σ² = mean of (x − μ)² + ε,   ε = 10⁻⁵
#pragma once

#include "math/gemm/weights.h"
#include "math/ops.h"

namespace attn {

class LayerNorm {
 public:
  LayerNorm(Scope at, Index size)
      : gain_(at.vector("gain", size, Role::scale)), bias_(at.vector("bias", size)) {}

  // Returns the number of saved rows: x̂, then 1/σ.
  Index saved_rows() const { return gain_.rows + 1; }

  // Computes y from x, both [size × columns], which may be the same matrix, and `saved`.
  void forward(const Weights& w, In x, Out saved, Out y) const;
  // Adds the gradient of x to dx, given that of y.
  void backward(const Weights& w, In saved, In dy, Out dx) const;
  // Adds the gradients of the parameters to g.
  void accumulate(In saved, In dy, WeightGradients g) const;

 private:
  Slot gain_, bias_;
};

}  // namespace attn
