// Linear layer with bias: y = W x + b.
#pragma once

#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

class Linear {
 public:
  Linear(Scope at, Index in, Index out, Role role = Role::input)
      : w_(at.matrix("w", out, in, role)), b_(at.vector("b", out)) {}

  // Computes y [out × columns] from x [in × columns].
  void forward(const Weights& w, In x, Out y) const {
    product(w, w_, x, y);
    add_bias(w.data(b_), y);
  }
  // Adds the gradient Wᵀ dy of the input to dx.
  void backward(const Weights& w, In dy, Out dx) const { add_transposed_product(w, w_, dy, dx); }
  // Adds the gradients of W and b to g.
  void accumulate(In x, In dy, WeightGradients g) const {
    add_outer_product(dy, x, g, w_);
    add_bias_gradient(dy, g.data(b_));
  }

 private:
  Slot w_, b_;
};

}  // namespace attn
