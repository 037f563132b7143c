#include "nn/cell.h"

#include "nn/gru.h"
#include "nn/lstm.h"
#include "nn/tanh_cell.h"

namespace attn {

const Registry<MakeCell>& cells() {
  static const Registry<MakeCell> table = {
      {"gru",
       "gated unit, reset after the recurrent product, z keeps the old state (PyTorch, Marian, "
       "Nematus)",
       make_gru},
      {"gru_reset_before",
       "gated unit, reset before it, z weighs the new content (Bahdanau et al. 2015, A.1.1)",
       make_gru_paper},
      {"lstm",
       "long short-term memory with forget gate (Hochreiter and Schmidhuber 1997, Gers et al. "
       "2000)",
       make_lstm},
      {"rnn", "tanh without gates (Elman 1990)", make_rnn},
  };
  return table;
}

}  // namespace attn
