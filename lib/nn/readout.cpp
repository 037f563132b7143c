#include "nn/readout.h"

#include "base/profile.h"
#include "math/fast_math.h"

namespace attn {
namespace {

// t_k = max(t̃_2k, t̃_2k+1)  (Goodfellow et al. 2013)
void maxout(Out inner, Out out) {
  for (Index j = 0; j < out.cols(); ++j) {
    const Real* x = inner.col(j);
    Real* y = out.col(j);
    for (Index i = 0; i < out.rows(); ++i) y[i] = std::max(x[2 * i], x[2 * i + 1]);
  }
}
void maxout_backward(In dout, Out inner) {
  for (Index j = 0; j < dout.cols(); ++j) {
    Real* x = inner.col(j);
    const Real* dy = dout.col(j);
    for (Index i = 0; i < dout.rows(); ++i) {
      const bool first = x[2 * i] >= x[2 * i + 1];
      x[2 * i] = first ? dy[i] : Real(0);
      x[2 * i + 1] = first ? Real(0) : dy[i];
    }
  }
}

void tanh_forward(Out inner, Out out) {
  for (Index j = 0; j < out.cols(); ++j) {
    Real* x = inner.col(j);
    for (Index i = 0; i < out.rows(); ++i) x[i] = fast_tanh(x[i]);
  }
  copy(inner, out);
}
void tanh_backward(In dout, Out inner) {
  inner.map().array() = dout.map().array() * (Real(1) - inner.map().array().square());
}

void linear(Out inner, Out out) {
  copy(inner, out);
}
void linear_backward(In dout, Out inner) {
  copy(dout, inner);
}

}  // namespace

const Registry<Activation>& activations() {
  static const Registry<Activation> table = {
      {"maxout",
       "maximum of each pair of pre-activations (Goodfellow et al. 2013)",
       {.fan_in = 2, .forward = maxout, .backward = maxout_backward}},
      {"tanh",
       "tanh, as in Nematus and Marian",
       {.fan_in = 1, .forward = tanh_forward, .backward = tanh_backward}},
      {"linear",
       "no activation function",
       {.fan_in = 1, .forward = linear, .backward = linear_backward}},
  };
  return table;
}

Readout::Readout(Scope at, const Sizes& sizes, const Activation& activation)
    : activation_(activation),
      w_state_(at.matrix("w_state", activation.fan_in * sizes.out, sizes.state, Role::input)),
      w_embedding_(
          at.matrix("w_embedding", activation.fan_in * sizes.out, sizes.embedding, Role::input)),
      w_context_(at.matrix("w_context", activation.fan_in * sizes.out, sizes.context, Role::input)),
      b_(at.vector("b", activation.fan_in * sizes.out)) {}

void Readout::forward(const Weights& w, In state, const UniqueColumns& embedded, In context,
                      Out inner, Out t, Workspace& ws) const {
  const Timed timed(Stage::output);
  product(w, w_embedding_, embedded, inner, ws);
  add_product(w, w_state_, state, inner);
  add_product(w, w_context_, context, inner);
  add_bias(w.data(b_), inner);
  activation_.forward(inner, t);
}

void Readout::backward(const Weights& w, In dt, Out inner, Out dstate, Out dcontext) const {
  const Timed timed(Stage::output);
  activation_.backward(dt, inner);
  add_transposed_product(w, w_state_, inner, dstate);
  add_transposed_product(w, w_context_, inner, dcontext);
}

void Readout::accumulate(const Weights& w, In state, const UniqueColumns& embedded, In context,
                         In dinner, WeightGradients g, Out dembedded, Workspace& ws) const {
  const Timed timed(Stage::output);
  add_outer_product(dinner, state, g, w_state_);
  product_backward(w, w_embedding_, embedded, dinner, g, dembedded, ws);
  add_outer_product(dinner, context, g, w_context_);
  add_bias_gradient(dinner, g.data(b_));
}

}  // namespace attn
