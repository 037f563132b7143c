// Gated recurrent unit of Cho et al. (2014) and of Bahdanau, Cho and Bengio (2015), A.1.1. The
// reset gate is applied before the recurrent product:
//   r = σ(a_r + U_r h')   z = σ(a_z + U_z h')   n = tanh(a_n + U_n (r∘h'))   h = (1 − z)∘h' + z∘n
//   a = W_x x + b_x, all columns at once;   w_h = [U_r; U_z; U_n].
// z is the weight of the candidate state n. The gates are in the order r, z, n.
//
// a contains r, z, n after step() and da after step_backward(). `saved` contains p = r∘h' and,
// after step_backward(), dp below it.
#include "math/fast_math.h"
#include "nn/gru.h"

namespace attn {
namespace {

void gates_column(Index n, const Real* __restrict prev, Real* __restrict a, Real* __restrict p) {
  for (Index i = 0; i < n; ++i) {
    a[i] = fast_logistic(a[i]);
    a[n + i] = fast_logistic(a[n + i]);
    p[i] = a[i] * prev[i];
  }
}

void reset_before_state_column(Index n, const Real* __restrict prev, Real* __restrict a,
                               Real* __restrict h) {
  for (Index i = 0; i < n; ++i) {
    a[2 * n + i] = fast_tanh(a[2 * n + i]);
    h[i] = prev[i] + a[n + i] * (a[2 * n + i] - prev[i]);
  }
}

void reset_before_state_backward_column(Index n, const Real* __restrict prev,
                                        const Real* __restrict dh, Real* __restrict a,
                                        Real* __restrict dp, Real* __restrict dprev) {
  for (Index i = 0; i < n; ++i) {
    const Real z = a[n + i], c = a[2 * n + i], d = dh[i];
    dprev[i] += d * (1 - z);
    a[n + i] = d * (c - prev[i]) * z * (1 - z);
    a[2 * n + i] = d * z * (1 - c * c);
    dp[i] = 0;
  }
}

void reset_before_gates_backward_column(Index n, const Real* __restrict prev,
                                        const Real* __restrict dp, Real* __restrict a,
                                        Real* __restrict dprev) {
  for (Index i = 0; i < n; ++i) {
    const Real r = a[i];
    dprev[i] += dp[i] * r;
    a[i] = dp[i] * prev[i] * r * (1 - r);
  }
}

class GruResetBefore : public Cell {
 public:
  GruResetBefore(Scope at, const CellSizes& sizes)
      : Cell(at, sizes, 3),
        w_h_(at.matrix("w_h", 3 * sizes.hidden, sizes.hidden, Role::recurrent, 3)),
        u_rz_(w_h_.row_range(0, 2 * sizes.hidden)),
        u_n_(w_h_.row_range(2 * sizes.hidden, sizes.hidden)) {}

  void step(const Weights& w, In prev, Out a, Out state, Out saved) const override {
    const Index n = hidden();
    add_product(w, u_rz_, prev, a.row_range(0, 2 * n));
    normalize(w, 0, 2, a, saved);
    for (Index j = 0; j < a.cols(); ++j) gates_column(n, prev.col(j), a.col(j), saved.col(j));
    add_product(w, u_n_, saved.row_range(0, n), a.bottom_rows(n));
    normalize(w, 2, 1, a, saved);
    for (Index j = 0; j < a.cols(); ++j)
      reset_before_state_column(n, prev.col(j), a.col(j), state.col(j));
  }

  void step_backward(const Weights& w, In prev, In dstate, Out a, Out saved,
                     Out dprev) const override {
    const Index n = hidden();
    for (Index j = 0; j < a.cols(); ++j)
      reset_before_state_backward_column(n, prev.col(j), dstate.col(j), a.col(j), saved.col(j) + n,
                                         dprev.col(j));
    normalize_backward(w, 2, 1, a, saved);
    add_transposed_product(w, u_n_, a.bottom_rows(n), saved.row_range(n, n));
    for (Index j = 0; j < a.cols(); ++j)
      reset_before_gates_backward_column(n, prev.col(j), saved.col(j) + n, a.col(j), dprev.col(j));
    normalize_backward(w, 0, 2, a, saved);
    add_transposed_product(w, u_rz_, a.row_range(0, 2 * n), dprev);
  }

 protected:
  Index own_saved_rows() const override { return 2 * hidden(); }
  void accumulate_recurrent(In prev, In da, In saved, WeightGradients g) const override {
    add_outer_product(da.row_range(0, 2 * hidden()), prev, g, u_rz_);
    add_outer_product(da.bottom_rows(hidden()), saved.row_range(0, hidden()), g, u_n_);
  }

 private:
  Slot w_h_, u_rz_, u_n_;
};

}  // namespace

std::unique_ptr<Cell> make_gru_reset_before(Scope at, const CellSizes& sizes) {
  return std::make_unique<GruResetBefore>(at, sizes);
}

}  // namespace attn
