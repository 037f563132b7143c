// Gated recurrent unit, as in PyTorch (torch.nn.GRU), Marian and Nematus. The reset gate is applied
// after the recurrent product, so that a step needs one product only:
//   r = σ(a_r + u_r)   z = σ(a_z + u_z)   n = tanh(a_n + r∘u_n)   h = (1 − z)∘n + z∘h'
//   a = W_x x + b_x, all columns at once;   u = W_h h' + b_h, one step.
// z is the weight of the previous state h'. The gates are in the order r, z, n.
//
// a contains r, z, n after step() and da after step_backward(). `saved` contains u after step() and
// du = [da_r; da_z; r∘da_n] after step_backward().
#include "nn/gru.h"

#include "math/fast_math.h"

namespace attn {
namespace {

void sum_gates_column(Index n, const Real* __restrict u, Real* __restrict a) {
  for (Index i = 0; i < 2 * n; ++i) a[i] += u[i];
}

void reset_column(Index n, const Real* __restrict u, Real* __restrict a) {
  for (Index i = 0; i < n; ++i) {
    a[i] = fast_logistic(a[i]);
    a[n + i] = fast_logistic(a[n + i]);
    a[2 * n + i] += a[i] * u[2 * n + i];
  }
}

void state_column(Index n, const Real* __restrict prev, Real* __restrict a, Real* __restrict h) {
  for (Index i = 0; i < n; ++i) {
    const Real c = fast_tanh(a[2 * n + i]);
    a[2 * n + i] = c;
    h[i] = c + a[n + i] * (prev[i] - c);
  }
}

void state_backward_column(Index n, const Real* __restrict prev, const Real* __restrict dh,
                           Real* __restrict a, Real* __restrict dprev) {
  for (Index i = 0; i < n; ++i) {
    const Real z = a[n + i], c = a[2 * n + i], d = dh[i];
    a[n + i] = d * (prev[i] - c) * z * (1 - z);
    a[2 * n + i] = d * (1 - z) * (1 - c * c);
    dprev[i] += d * z;
  }
}

// Computes da_r, and replaces u_n by du_n.
void gates_backward_column(Index n, Real* __restrict a, Real* __restrict u) {
  for (Index i = 0; i < n; ++i) {
    const Real r = a[i], da_n = a[2 * n + i];
    a[i] = da_n * u[2 * n + i] * r * (1 - r);
    u[2 * n + i] = da_n * r;
  }
}

class Gru : public Cell {
 public:
  Gru(Scope at, const CellSizes& sizes)
      : Cell(at, sizes, 3),
        w_h_(at.matrix("w_h", 3 * sizes.hidden, sizes.hidden, Role::recurrent, 3)),
        b_h_(at.vector("b_h", 3 * sizes.hidden)) {}

  void step(const Weights& w, In prev, Out a, Out state, Out saved) const override {
    const Index n = hidden();
    auto u = saved.row_range(0, 3 * n);
    product(w, w_h_, prev, u);
    add_bias(w.data(b_h_), u);
    for (Index j = 0; j < a.cols(); ++j) sum_gates_column(n, u.col(j), a.col(j));
    normalize(w, 0, 2, a, saved);
    for (Index j = 0; j < a.cols(); ++j) reset_column(n, u.col(j), a.col(j));
    normalize(w, 2, 1, a, saved);
    for (Index j = 0; j < a.cols(); ++j) state_column(n, prev.col(j), a.col(j), state.col(j));
  }

  void step_backward(const Weights& w, In prev, In dstate, Out a, Out saved,
                     Out dprev) const override {
    const Index n = hidden();
    auto u = saved.row_range(0, 3 * n);
    for (Index j = 0; j < a.cols(); ++j)
      state_backward_column(n, prev.col(j), dstate.col(j), a.col(j), dprev.col(j));
    normalize_backward(w, 2, 1, a, saved);
    for (Index j = 0; j < a.cols(); ++j) gates_backward_column(n, a.col(j), u.col(j));
    normalize_backward(w, 0, 2, a, saved);
    copy(a.row_range(0, 2 * n), u.row_range(0, 2 * n));
    add_transposed_product(w, w_h_, u, dprev);
  }

 protected:
  Index own_saved_rows() const override { return 3 * hidden(); }
  void accumulate_recurrent(In prev, In, In saved, WeightGradients g) const override {
    add_outer_product(saved.row_range(0, 3 * hidden()), prev, g, w_h_);
    add_bias_gradient(saved.row_range(0, 3 * hidden()), g.data(b_h_));
  }

 private:
  Slot w_h_, b_h_;
};

}  // namespace

std::unique_ptr<Cell> make_gru(Scope at, const CellSizes& sizes) {
  return std::make_unique<Gru>(at, sizes);
}

}  // namespace attn
