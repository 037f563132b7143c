// Recurrent unit without gates: h = tanh(W_x x + b_x + W_h h' + b_h).
#pragma once

#include "nn/cell.h"

namespace attn {

// Returns a cell with its parameters in scope `at`.
std::unique_ptr<Cell> make_tanh_cell(Scope at, const CellSizes& sizes);

}  // namespace attn
