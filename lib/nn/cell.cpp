#include "nn/cell.h"

#include "nn/gru.h"

namespace attn {

const Table<MakeCell>& cells() {
  static const Table<MakeCell> table = {
      {"gru",
       "gated unit, reset after the recurrent product, z keeps the old state (PyTorch, Marian, "
       "Nematus)",
       make_gru},
      {"gru_paper",
       "gated unit, reset before it, z weighs the new content (Bahdanau et al. 2015, A.1.1)",
       make_gru_paper},
  };
  return table;
}

}  // namespace attn
