// One cell along a packing, in one direction. States start at zero.
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

  // The numbers of one pass, [rows × tokens] each. dstate is zero at first; the caller adds to its
  // first rows.
  struct Tape {
    Tape(const Rnn& rnn, Index tokens, Workspace& ws);
    View a, prev, state, cache, dstate;
  };

  Index saved_rows() const {
    return cell_->gate_rows() + 3 * cell_->state_rows() + cell_->saved_rows();
  }
  Index hidden() const { return cell_->hidden(); }

  void forward(const Params& w, const Packing& p, const UniqueColumns& x, Tape& tape,
               Workspace& ws) const;
  // Reads tape.dstate; adds to dx, the gradient of x's distinct columns.
  void backward(const Params& w, const Packing& p, const UniqueColumns& x, Tape& tape,
                Workspace& ws, Params& g, Out dx) const;

 private:
  // The step before step t in this direction, -1 at the start, and the t of the i-th step.
  int before(const Packing& p, int t) const;
  int nth(const Packing& p, int i) const {
    return direction_ == Direction::forward ? i : p.steps() - 1 - i;
  }

  void steps_backward(const Params& w, const Packing& p, Tape& tape, Workspace& ws) const;

  std::unique_ptr<Cell> cell_;
  Direction direction_;
};

}  // namespace attn
