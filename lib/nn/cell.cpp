#include "nn/cell.h"

#include "nn/gru.h"
#include "nn/lstm.h"
#include "nn/tanh_cell.h"

namespace attn {

const Registry<MakeCell>& cells() {
  static const Registry<MakeCell> table = {
      {"gru",
       "gated recurrent unit of PyTorch, Marian and Nematus: reset after the recurrent product, "
       "h = (1 − z)∘n + z∘h'",
       make_gru},
      {"gru_reset_before",
       "gated recurrent unit of Bahdanau et al. 2015, A.1.1: reset before the recurrent product, "
       "h = (1 − z)∘h' + z∘n",
       make_gru_reset_before},
      {"lstm",
       "long short-term memory with forget gate (Hochreiter and Schmidhuber 1997, Gers et al. "
       "2000)",
       make_lstm},
      {"rnn", "tanh unit without gates (Elman 1990)", make_tanh_cell},
  };
  return table;
}

}  // namespace attn
