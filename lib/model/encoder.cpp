#include "model/encoder.h"

#include "model/recurrent_encoder.h"

namespace attn {

const Table<MakeEncoder>& encoders() {
  static const Table<MakeEncoder> table = {
      {"recurrent", "layers of one recurrent unit in each direction (Bahdanau et al. 2015, 3.2)",
       make_recurrent_encoder},
  };
  return table;
}

}  // namespace attn
