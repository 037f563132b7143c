// Recurrent cells. A cell is a constant: sizes and slots. Weights come in, gradients go out,
// numbers lie with the caller.
//
// Every cell reads its input through a = W_x x + b_x, which a caller may compute for all steps at
// once, and adds the rest step by step. The matrices of a cell stack its gates in one order
// throughout. Where the equations say σ or tanh of a sum, that sum is normalized first if the cell
// is made so.
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
  bool normalized = false;  // with layer normalization
};

class Cell {
 public:
  // gates: how many blocks of `hidden` rows a, W_x and W_h have.
  Cell(Scope at, const CellSizes& sizes, Index gates)
      : norm_(at / "norm", sizes.normalized ? gates : 0, sizes.hidden),
        hidden_(sizes.hidden),
        w_x_(at.matrix("w_x", gates * hidden_, sizes.input, Role::input, gates)),
        b_x_(at.vector("b_x", gates * hidden_)) {}
  virtual ~Cell() = default;
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  Index hidden() const { return hidden_; }
  Index gate_rows() const { return w_x_.rows; }  // of a
  virtual Index state_rows() const {
    return hidden_;
  }  // h, in the first hidden() rows, and what else is carried
  Index saved_rows() const {
    return own_rows() + norm_.saved_rows();
  }  // what a step keeps beside a

  // a = W_x x + b_x; any number of columns.
  void project(const Params& w, In x, Out a) const {
    product(w, w_x_, x, a);
    add_bias(w, b_x_, a);
  }
  void project(const Params& w, const UniqueColumns& x, Out a, Workspace& ws) const {
    product(w, w_x_, x, a, ws);
    add_bias(w, b_x_, a);
  }
  // One step: reads a, overwrites it with what backward needs; state is assigned.
  virtual void step(const Params& w, In prev, Out a, Out state, Out cache) const = 0;
  // Given dstate, overwrites a by da and cache by what accumulate needs; adds to dprev.
  virtual void step_backward(const Params& w, In prev, In dstate, Out a, Out cache,
                             Out dprev) const = 0;
  // dx += W_xᵀ da; any number of columns.
  void input_backward(const Params& w, In da, Out dx) const {
    add_transposed_product(w, w_x_, da, dx);
  }
  // All parameters' gradients, one product a matrix; any number of columns.
  void accumulate(In x, In prev, In da, In cache, Params& g) const {
    add_outer_product(da, x, g, w_x_);
    accumulate_others(prev, da, cache, g);
  }
  // Both at once: adds to dx, of x's distinct columns, and to the gradients.
  void accumulate(const Params& w, const UniqueColumns& x, In prev, In da, In cache, Params& g,
                  Out dx, Workspace& ws) const {
    product_backward(w, w_x_, x, da, g, dx, ws);
    accumulate_others(prev, da, cache, g);
  }

 protected:
  virtual Index own_rows() const = 0;  // of the cache, above those of the normalization
  virtual void accumulate_recurrent(In prev, In da, In cache, Params& g) const = 0;

  // Layer normalization of `count` gates' sums from number `first` on; nothing without it.
  void normalize(const Params& w, Index first, Index count, Out a, Out cache) const {
    norm_.forward(w, first, count, a, cache.bottomRows(norm_.saved_rows()));
  }
  void normalize_backward(const Params& w, Index first, Index count, Out a, Out cache) const {
    norm_.backward(w, first, count, a, cache.bottomRows(norm_.saved_rows()));
  }

 private:
  void accumulate_others(In prev, In da, In cache, Params& g) const {
    add_bias_gradient(da, g, b_x_);
    norm_.accumulate(cache.bottomRows(norm_.saved_rows()), g);
    accumulate_recurrent(prev, da, cache, g);
  }

  GateNorm norm_;
  Index hidden_;
  Slot w_x_, b_x_;
};

using MakeCell = std::unique_ptr<Cell> (*)(Scope at, const CellSizes& sizes);
const Registry<MakeCell>& cells();

}  // namespace attn
