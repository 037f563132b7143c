// One recurrent layer in one direction over packed sequences: a cell is applied step by step, from
// an initial state of zero.
#pragma once

#include "math/packing.h"
#include "math/workspace.h"
#include "nn/cell.h"

namespace attn {

enum class Direction { forward, backward };

class Rnn {
 public:
  Rnn(Scope at, MakeCell make, const CellSizes& sizes, Direction direction)
      : cell_(make(at, sizes)), direction_(direction) {}

  // The activations of one pass, each [rows × tokens]. `dstate` is zero at first; before
  // backward(), the caller adds the gradient of h to its first rows.
  struct Saved {
    Saved(const Rnn& rnn, Index tokens, Workspace& ws);
    MatrixView a, prev, state, cell, dstate;
  };

  // Returns the total number of rows of the matrices of Saved.
  Index saved_rows() const {
    return cell_->gate_rows() + 3 * cell_->state_rows() + cell_->saved_rows();
  }
  Index hidden() const { return cell_->hidden(); }

  // Computes the states of all steps, saved.state [state × tokens], whose first hidden() rows are
  // h. `x` has the inputs of all tokens in step order.
  void forward(const Weights& w, const Packing& p, const UniqueColumns& x, Saved& saved,
               Workspace& ws) const;
  // Computes the backward pass from saved.dstate. Adds the gradients of the parameters to g, and
  // that of the unique columns of x to dx.
  void backward(const Weights& w, const Packing& p, const UniqueColumns& x, Saved& saved,
                Workspace& ws, WeightGradients g, Out dx) const;

 private:
  // Returns the step before step t in this direction, or -1 at the start.
  int before(const Packing& p, int t) const;
  // Returns the i-th step in this direction.
  int nth(const Packing& p, int i) const {
    return direction_ == Direction::forward ? i : p.steps() - 1 - i;
  }

  void steps_backward(const Weights& w, const Packing& p, Saved& saved, Workspace& ws) const;

  std::unique_ptr<Cell> cell_;
  Direction direction_;
};

}  // namespace attn
