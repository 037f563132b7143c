#include "nn/attention/score_projections.h"

#include <cmath>

namespace attn {
namespace {

class IdentityProjection : public ScoreProjection {
 public:
  using ScoreProjection::ScoreProjection;

  void forward(const Weights&, In x, Out y) const override { copy(x, y); }
  void backward(const Weights&, In, In, In dy, Out dx) const override { add(dy, dx); }
  void accumulate(In, In, WeightGradients) const override {}
};

constexpr Real kMinLength = Real(1e-6);
Real length_of(In x, Index j) {
  return std::max(std::sqrt(dot(x.rows(), x.col(j), x.col(j))), kMinLength);
}

class UnitLengthProjection : public ScoreProjection {
 public:
  using ScoreProjection::ScoreProjection;

  void forward(const Weights&, In x, Out y) const override {
    for (Index j = 0; j < x.cols(); ++j) y.map().col(j) = x.map().col(j) / length_of(x, j);
  }
  void backward(const Weights&, In x, In y, In dy, Out dx) const override {
    for (Index j = 0; j < x.cols(); ++j) {
      const Real length = length_of(x, j);
      const Real along = length > kMinLength ? dot(y.rows(), y.col(j), dy.col(j)) : Real(0);
      dx.map().col(j) += (dy.map().col(j) - along * y.map().col(j)) / length;
    }
  }
  void accumulate(In, In, WeightGradients) const override {}
};

class LinearProjection : public ScoreProjection {
 public:
  LinearProjection(Slot matrix, Slot bias) : ScoreProjection(matrix.rows), w_(matrix), b_(bias) {}

  void forward(const Weights& w, In x, Out y) const override {
    product(w, w_, x, y);
    if (b_.rows > 0) add_bias(w.data(b_), y);
  }
  void backward(const Weights& w, In, In, In dy, Out dx) const override {
    add_transposed_product(w, w_, dy, dx);
  }
  void accumulate(In x, In dy, WeightGradients g) const override {
    add_outer_product(dy, x, g, w_);
    if (b_.rows > 0) add_bias_gradient(dy, g.data(b_));
  }

 private:
  Slot w_, b_;
};

class EmptyProjection : public ScoreProjection {
 public:
  EmptyProjection() : ScoreProjection(0) {}

  void forward(const Weights&, In, Out) const override {}
  void backward(const Weights&, In, In, In, Out) const override {}
  void accumulate(In, In, WeightGradients) const override {}
};

}  // namespace

std::unique_ptr<ScoreProjection> make_identity_projection(Index rows) {
  return std::make_unique<IdentityProjection>(rows);
}
std::unique_ptr<ScoreProjection> make_unit_length_projection(Index rows) {
  return std::make_unique<UnitLengthProjection>(rows);
}
std::unique_ptr<ScoreProjection> make_linear_projection(Slot matrix, Slot bias) {
  return std::make_unique<LinearProjection>(matrix, bias);
}
std::unique_ptr<ScoreProjection> make_empty_projection() {
  return std::make_unique<EmptyProjection>();
}

}  // namespace attn
