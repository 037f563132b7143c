// Gated recurrent units, which differ in where the reset gate r is applied:
//   gru.cpp               n = tanh(a_n + r∘(U_n h' + b_n))   h = (1 − z)∘n + z∘h'
//   gru_reset_before.cpp  n = tanh(a_n + U_n (r∘h'))         h = (1 − z)∘h' + z∘n
#pragma once

#include "nn/cell.h"

namespace attn {

// Return a cell with its parameters in scope `at`.
std::unique_ptr<Cell> make_gru(Scope at, const CellSizes& sizes);
std::unique_ptr<Cell> make_gru_reset_before(Scope at, const CellSizes& sizes);

}  // namespace attn
