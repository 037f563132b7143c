// Layer normalization (Ba, Kiros and Hinton 2016, eq. 3 and 4), of each column by itself:
//   y = g∘x̂ + b,   x̂ = (x − μ)/σ,   σ² = mean of (x − μ)² + ε, ε = 10⁻⁵
#pragma once

#include "math/ops.h"

namespace attn {

class LayerNorm {
 public:
  LayerNorm(Scope at, Index size)
      : gain_(at.vector("gain", size, Role::scale)), bias_(at.vector("bias", size)) {}

  Index saved_rows() const { return gain_.rows + 1; }  // x̂, and below it 1/σ

  // y may be x.
  void forward(const Params& w, In x, Out kept, Out y) const;
  void backward(const Params& w, In kept, In dy, Out dx) const;
  void accumulate(In kept, In dy, Params& g) const;

 private:
  Slot gain_, bias_;
};

}  // namespace attn
