// Deep output (Bahdanau et al. 2015, A.2.2, after Pascanu et al. 2014): the layer between decoder
// state and output layer.
//   t̃_i = U_o s + V_o E y_{i−1} + C_o c_i + b,   t_i = f(t̃_i)
#pragma once

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/gemm/unique_columns.h"
#include "math/ops.h"

namespace attn {

// The function f and its gradient. `inner` has `fan_in` times the rows of `out`.
struct Activation {
  Index fan_in;
  // Computes out = f(inner). May overwrite inner with values for the backward pass.
  void (*forward)(Out inner, Out out);
  // Overwrites inner with its gradient.
  void (*backward)(In dout, Out inner);
};
// Returns the table of all activations.
const Registry<Activation>& activations();

class Readout {
 public:
  struct Sizes {
    Index state, embedding, context, out;
  };
  Readout(Scope at, const Sizes& sizes, const Activation& activation);

  // Return the number of rows of t and of t̃.
  Index rows() const { return b_.rows / activation_.fan_in; }
  Index inner_rows() const { return b_.rows; }

  // Computes t from the decoder state, the embedding of the previous word and the context. Saves t̃
  // in `inner`.
  void forward(const Weights& w, In state, const UniqueColumns& embedded, In context, Out inner,
               Out t, Workspace& ws) const;
  // Adds the gradients of the state and the context to dstate and dcontext. Overwrites `inner` with
  // its gradient.
  void backward(const Weights& w, In dt, Out inner, Out dstate, Out dcontext) const;
  // Adds the gradients of the parameters to g, and the gradient of the unique columns of `embedded`
  // to dembedded.
  void accumulate(const Weights& w, In state, const UniqueColumns& embedded, In context, In dinner,
                  WeightGradients g, Out dembedded, Workspace& ws) const;

 private:
  Activation activation_;
  Slot w_state_, w_embedding_, w_context_, b_;
};

}  // namespace attn
