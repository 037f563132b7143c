#pragma once

#include "nn/cell.h"

namespace attn {

std::unique_ptr<Cell> make_rnn(Scope at, const CellSizes& sizes);

}  // namespace attn
