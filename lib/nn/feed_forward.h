// The position-wise feed-forward network (Vaswani et al. 2017, eq. 2):
//   y = W₂ max(0, W₁ x + b₁) + b₂
#pragma once

#include "nn/linear.h"
#include "nn/sublayer.h"

namespace attn {

class FeedForward : public Sublayer {
 public:
  FeedForward(Scope at, Index size, Index inner)
      : inner_(at / "inner", size, inner), output_(at / "output", inner, size), rows_(inner) {}

  Index saved_rows() const override { return rows_; }

  void forward(const Weights& w, const SentenceColumns&, In x, Out y, Saved& saved,
               Workspace& ws) const override {
    const MatrixView inner = saved.emplace_back(ws.take(rows_, x.cols()));
    inner_.forward(w, x, inner);
    inner.map() = inner.map().cwiseMax(Real(0));
    output_.forward(w, inner, y);
  }

  void backward(const Weights& w, const SentenceColumns&, In x, In dy, Saved& saved,
                WeightGradients g, Out dx, Workspace& ws) const override {
    const auto scope = ws.scope();
    MatrixView inner = saved[0];
    output_.accumulate(inner, dy, g);
    MatrixView dinner = ws.zeros(rows_, x.cols());
    output_.backward(w, dy, dinner);
    dinner.map() = (inner.map().array() > 0).select(dinner.map(), Real(0));
    inner_.accumulate(x, dinner, g);
    inner_.backward(w, dinner, dx);
  }

 private:
  Linear inner_, output_;
  Index rows_;
};

}  // namespace attn
