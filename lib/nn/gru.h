// Gated recurrent units; the equations stand in gru.cpp and gru_reset_before.cpp.
#pragma once

#include "nn/cell.h"

namespace attn {

std::unique_ptr<Cell> make_gru(Scope at, const CellSizes& sizes);  // PyTorch, Marian, Nematus
std::unique_ptr<Cell> make_gru_paper(
    Scope at, const CellSizes& sizes);  // Cho et al. 2014, Bahdanau et al. 2015

}  // namespace attn
