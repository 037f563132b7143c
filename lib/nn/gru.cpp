// Gated recurrent unit, reset applied after the recurrent product, so that a step is one product:
//   r = σ(a_r + u_r)   z = σ(a_z + u_z)   n = tanh(a_n + r∘u_n)   h = (1 − z)∘n + z∘h'
//   a = W_x x + b_x, all columns at once;   u = W_h h' + b_h, one step.
// z keeps the old state, as in PyTorch (torch.nn.GRU), Marian and Nematus. Gates stand in the order
// r, z, n.
//
// a holds r, z, n after a step and da after its backward; the cache holds u, then du = [da_r; da_z;
// r∘da_n].
#include "nn/gru.h"

#include "math/elementary.h"

namespace attn {
namespace {

void step_column(Index n, const Real* __restrict prev, const Real* __restrict u, Real* __restrict a,
                 Real* __restrict h) {
  for (Index i = 0; i < n; ++i) {
    const Real r = fast_logistic(a[i] + u[i]);
    const Real z = fast_logistic(a[n + i] + u[n + i]);
    const Real c = fast_tanh(a[2 * n + i] + r * u[2 * n + i]);
    a[i] = r, a[n + i] = z, a[2 * n + i] = c;
    h[i] = c + z * (prev[i] - c);
  }
}

void backward_column(Index n, const Real* __restrict prev, const Real* __restrict dh,
                     Real* __restrict a, Real* __restrict u, Real* __restrict dprev) {
  for (Index i = 0; i < n; ++i) {
    const Real r = a[i], z = a[n + i], c = a[2 * n + i], v = u[2 * n + i], d = dh[i];
    const Real da_n = d * (1 - z) * (1 - c * c);
    const Real da_r = da_n * v * r * (1 - r);
    const Real da_z = d * (prev[i] - c) * z * (1 - z);
    dprev[i] += d * z;
    a[i] = u[i] = da_r;
    a[n + i] = u[n + i] = da_z;
    a[2 * n + i] = da_n;
    u[2 * n + i] = da_n * r;
  }
}

class Gru : public Cell {
 public:
  Gru(Scope at, Index input, Index hidden)
      : Cell(at, input, hidden, 3),
        w_h_(at.matrix("w_h", 3 * hidden, hidden, Role::recurrent, 3)),
        b_h_(at.vector("b_h", 3 * hidden)) {}

  Index cache_rows() const override { return 3 * hidden(); }

  void step(const Params& w, In prev, Out a, Out state, Out cache) const override {
    product(w, w_h_, prev, cache);
    add_bias(w, b_h_, cache);
    for (Index j = 0; j < a.cols(); ++j)
      step_column(hidden(), prev.col(j).data(), cache.col(j).data(), a.col(j).data(),
                  state.col(j).data());
  }

  void step_backward(const Params& w, In prev, In dstate, Out a, Out cache,
                     Out dprev) const override {
    for (Index j = 0; j < a.cols(); ++j)
      backward_column(hidden(), prev.col(j).data(), dstate.col(j).data(), a.col(j).data(),
                      cache.col(j).data(), dprev.col(j).data());
    add_transposed_product(w, w_h_, cache, dprev);
  }

 protected:
  void accumulate_recurrent(In prev, In, In cache, Params& g) const override {
    add_outer_product(cache, prev, g, w_h_);
    add_bias_gradient(cache, g, b_h_);
  }

 private:
  Slot w_h_, b_h_;
};

}  // namespace

std::unique_ptr<Cell> make_gru(Scope at, Index input, Index hidden) {
  return std::make_unique<Gru>(at, input, hidden);
}

}  // namespace attn
