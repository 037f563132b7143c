// Recurrent unit without gates (Elman 1990; torch.nn.RNN):
//   h = tanh(a + W_h h' + b_h),  a = W_x x + b_x
//
// a contains h after step() and da after step_backward().
#include "nn/tanh_cell.h"

#include "math/fast_math.h"

namespace attn {
namespace {

class TanhCell : public Cell {
 public:
  TanhCell(Scope at, const CellSizes& sizes)
      : Cell(at, sizes, 1),
        w_h_(at.matrix("w_h", sizes.hidden, sizes.hidden, Role::recurrent)),
        b_h_(at.vector("b_h", sizes.hidden)) {}

  void step(const Weights& w, In prev, Out a, Out state, Out saved) const override {
    add_product(w, w_h_, prev, a);
    add_bias(w.data(b_h_), a);
    normalize(w, 0, 1, a, saved);
    for (Index j = 0; j < a.cols(); ++j)
      for (Index i = 0; i < hidden(); ++i) a(i, j) = fast_tanh(a(i, j));
    copy(a, state);
  }

  void step_backward(const Weights& w, In, In dstate, Out a, Out saved, Out dprev) const override {
    a.map().array() = dstate.map().array() * (1 - a.map().array().square());
    normalize_backward(w, 0, 1, a, saved);
    add_transposed_product(w, w_h_, a, dprev);
  }

 protected:
  Index own_saved_rows() const override { return 0; }
  void accumulate_recurrent(In prev, In da, In, WeightGradients g) const override {
    add_outer_product(da, prev, g, w_h_);
    add_bias_gradient(da, g.data(b_h_));
  }

 private:
  Slot w_h_, b_h_;
};

}  // namespace

std::unique_ptr<Cell> make_tanh_cell(Scope at, const CellSizes& sizes) {
  return std::make_unique<TanhCell>(at, sizes);
}

}  // namespace attn
