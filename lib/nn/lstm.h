// Long short-term memory: c = f∘c' + i∘g, h = o∘tanh(c).
#pragma once

#include "nn/cell.h"

namespace attn {

// Returns a cell with its parameters in scope `at`.
std::unique_ptr<Cell> make_lstm(Scope at, const CellSizes& sizes);

}  // namespace attn
