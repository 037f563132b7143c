// Deep output (Bahdanau et al. 2015, A.2.2, after Pascanu et al. 2014): what the words' scores are
// read from.
//   t̃_i = U_o s + V_o E y_{i−1} + C_o c_i + b,   t_i = f(t̃_i)
#pragma once

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/gemm/unique_columns.h"
#include "math/ops.h"

namespace attn {

// f and its backward; `inner` has `fan` times the rows of `out`.
struct Activation {
  Index fan;
  void (*forward)(Out inner, Out out);   // may overwrite inner by what backward needs
  void (*backward)(In dout, Out inner);  // overwrites inner by its gradient
};
const Registry<Activation>& activations();

class Readout {
 public:
  struct Sizes {
    Index state, embedding, context, out;
  };
  Readout(Scope at, const Sizes& sizes, const Activation& activation);

  Index rows() const { return b_.rows / activation_.fan; }
  Index inner_rows() const { return b_.rows; }

  // inner: t̃, kept for backward, which overwrites it by its gradient.
  void forward(const Params& w, In state, const UniqueColumns& embedded, In context, Out inner,
               Out t, Workspace& ws) const;
  void backward(const Params& w, In dt, Out inner, Out dstate, Out dcontext) const;
  // The parameters' gradients, and that of the embeddings' distinct columns.
  void accumulate(const Params& w, In state, const UniqueColumns& embedded, In context, In dinner,
                  Params& g, Out dembedded, Workspace& ws) const;

 private:
  Activation activation_;
  Slot w_state_, w_embedding_, w_context_, b_;
};

}  // namespace attn
