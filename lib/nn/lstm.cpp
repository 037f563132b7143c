// Long short-term memory (Hochreiter and Schmidhuber 1997) with forget gate (Gers et al. 2000), as
// in torch.nn.LSTM:
//   i = σ(a_i + u_i)   f = σ(a_f + u_f)   g = tanh(a_g + u_g)   o = σ(a_o + u_o)
//   c = f∘c' + i∘g     h = o∘tanh(c)
//   a = W_x x + b_x, all columns at once;   u = W_h h' + b_h, one step.
// The gates are in the order i, f, g, o. The state is [h; c].
//
// a contains i, f, g, o after step() and da after step_backward(). `saved` contains tanh(c).
#include "nn/lstm.h"

#include "math/fast_math.h"

namespace attn {
namespace {

void lstm_column(Index n, const Real* __restrict prev, Real* __restrict a, Real* __restrict state,
                 Real* __restrict tanh_c) {
  for (Index k = 0; k < n; ++k) {
    const Real i = fast_logistic(a[k]), f = fast_logistic(a[n + k]);
    const Real g = fast_tanh(a[2 * n + k]), o = fast_logistic(a[3 * n + k]);
    a[k] = i, a[n + k] = f, a[2 * n + k] = g, a[3 * n + k] = o;
    const Real c = f * prev[n + k] + i * g;
    tanh_c[k] = fast_tanh(c);
    state[n + k] = c;
    state[k] = o * tanh_c[k];
  }
}

void lstm_backward_column(Index n, const Real* __restrict prev, const Real* __restrict dstate,
                          const Real* __restrict tanh_c, Real* __restrict a,
                          Real* __restrict dprev) {
  for (Index k = 0; k < n; ++k) {
    const Real i = a[k], f = a[n + k], g = a[2 * n + k], o = a[3 * n + k], t = tanh_c[k];
    const Real dc = dstate[n + k] + dstate[k] * o * (1 - t * t);
    a[k] = dc * g * i * (1 - i);
    a[n + k] = dc * prev[n + k] * f * (1 - f);
    a[2 * n + k] = dc * i * (1 - g * g);
    a[3 * n + k] = dstate[k] * t * o * (1 - o);
    dprev[n + k] += dc * f;
  }
}

class Lstm : public Cell {
 public:
  Lstm(Scope at, const CellSizes& sizes)
      : Cell(at, sizes, 4),
        w_h_(at.matrix("w_h", 4 * sizes.hidden, sizes.hidden, Role::recurrent, 4)),
        b_h_(at.vector("b_h", 4 * sizes.hidden)) {}

  Index state_rows() const override { return 2 * hidden(); }

  void step(const Weights& w, In prev, Out a, Out state, Out saved) const override {
    add_product(w, w_h_, prev.row_range(0, hidden()), a);
    add_bias(w.data(b_h_), a);
    normalize(w, 0, 4, a, saved);
    for (Index j = 0; j < a.cols(); ++j)
      lstm_column(hidden(), prev.col(j), a.col(j), state.col(j), saved.col(j));
  }

  void step_backward(const Weights& w, In prev, In dstate, Out a, Out saved,
                     Out dprev) const override {
    for (Index j = 0; j < a.cols(); ++j)
      lstm_backward_column(hidden(), prev.col(j), dstate.col(j), saved.col(j), a.col(j),
                           dprev.col(j));
    normalize_backward(w, 0, 4, a, saved);
    add_transposed_product(w, w_h_, a, dprev.row_range(0, hidden()));
  }

 protected:
  Index own_saved_rows() const override { return hidden(); }
  void accumulate_recurrent(In prev, In da, In, WeightGradients g) const override {
    add_outer_product(da, prev.row_range(0, hidden()), g, w_h_);
    add_bias_gradient(da, g.data(b_h_));
  }

 private:
  Slot w_h_, b_h_;
};

}  // namespace

std::unique_ptr<Cell> make_lstm(Scope at, const CellSizes& sizes) {
  return std::make_unique<Lstm>(at, sizes);
}

}  // namespace attn
