// Recurrent cells. A cell is a constant: it holds sizes and parameter slots. The caller passes
// weights, gradients and activations.
//
// Every cell has an input part a = W_x x + b_x, which can be computed for all time steps at once,
// and a recurrent part, which is computed step by step. The gates of a cell are stacked in the rows
// of its matrices, in the order that its source file states. With layer normalization, the argument
// of each σ or tanh of the equations is normalized first.
#pragma once

#include <memory>

#include "base/registry.h"
#include "math/gemm/product.h"
#include "math/gemm/unique_columns.h"
#include "math/ops.h"
#include "nn/gate_norm.h"

namespace attn {

struct CellSizes {
  Index input, hidden;
  bool layer_norm = false;
};

class Cell {
 public:
  // `gates` is the number of blocks of `hidden` rows in a, W_x and W_h.
  Cell(Scope at, const CellSizes& sizes, Index gates)
      : norm_(at / "norm", sizes.layer_norm ? gates : 0, sizes.hidden),
        hidden_(sizes.hidden),
        w_x_(at.matrix("w_x", gates * hidden_, sizes.input, Role::input, gates)),
        b_x_(at.vector("b_x", gates * hidden_)) {}
  virtual ~Cell() = default;
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  Index hidden() const { return hidden_; }
  // Returns the number of rows of a.
  Index gate_rows() const { return w_x_.rows; }
  // Returns the number of rows of the state: h in the first hidden() rows, then other state such as
  // the memory cell of an LSTM.
  virtual Index state_rows() const { return hidden_; }
  // Returns the number of rows that a step saves for its backward pass, in addition to a.
  Index saved_rows() const { return own_saved_rows() + norm_.saved_rows(); }

  // Computes a = W_x x + b_x for any number of columns.
  void project(const Weights& w, In x, Out a) const {
    product(w, w_x_, x, a);
    add_bias(w.data(b_x_), a);
  }
  // Does the same for repeated inputs.
  void project(const Weights& w, const UniqueColumns& x, Out a, Workspace& ws) const {
    product(w, w_x_, x, a, ws);
    add_bias(w.data(b_x_), a);
  }
  // Computes one step. Reads a and overwrites it with values for the backward pass; assigns state
  // and saved.
  virtual void step(const Weights& w, In prev, Out a, Out state, Out saved) const = 0;
  // Computes the backward pass of one step from dstate. Overwrites a with da, and saved with the
  // input of accumulate(); adds to dprev.
  virtual void step_backward(const Weights& w, In prev, In dstate, Out a, Out saved,
                             Out dprev) const = 0;
  // Adds W_xᵀ da to dx, for any number of columns.
  void input_backward(const Weights& w, In da, Out dx) const {
    add_transposed_product(w, w_x_, da, dx);
  }
  // Adds the gradients of all parameters to g, for any number of columns with one product per
  // matrix. `da` and `saved` are the results of step_backward.
  void accumulate(In x, In prev, In da, In saved, WeightGradients g) const {
    add_outer_product(da, x, g, w_x_);
    accumulate_except_input(prev, da, saved, g);
  }
  // Does the same for repeated inputs, and adds the gradient of the unique columns of x to dx.
  void accumulate(const Weights& w, const UniqueColumns& x, In prev, In da, In saved,
                  WeightGradients g, Out dx, Workspace& ws) const {
    product_backward(w, w_x_, x, da, g, dx, ws);
    accumulate_except_input(prev, da, saved, g);
  }

 protected:
  // Returns the number of saved rows without those of layer normalization, which follow them.
  virtual Index own_saved_rows() const = 0;
  // Adds the gradients of the recurrent parameters to g.
  virtual void accumulate_recurrent(In prev, In da, In saved, WeightGradients g) const = 0;

  // Normalizes the pre-activations of gates [first, first + count) in place. Does nothing without
  // layer normalization.
  void normalize(const Weights& w, Index first, Index count, Out a, Out saved) const {
    norm_.forward(w, first, count, a, saved.bottom_rows(norm_.saved_rows()));
  }
  // Replaces the gradient of the normalized pre-activations by that of the pre-activations.
  void normalize_backward(const Weights& w, Index first, Index count, Out a, Out saved) const {
    norm_.backward(w, first, count, a, saved.bottom_rows(norm_.saved_rows()));
  }

 private:
  void accumulate_except_input(In prev, In da, In saved, WeightGradients g) const {
    add_bias_gradient(da, g.data(b_x_));
    norm_.accumulate(saved.bottom_rows(norm_.saved_rows()), g);
    accumulate_recurrent(prev, da, saved, g);
  }

  GateNorm norm_;
  Index hidden_;
  Slot w_x_, b_x_;
};

using MakeCell = std::unique_ptr<Cell> (*)(Scope at, const CellSizes& sizes);
// Returns the table of all cells.
const Registry<MakeCell>& cells();

}  // namespace attn
