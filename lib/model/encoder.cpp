#include "model/encoder.h"

#include "model/config.h"
#include "model/recurrent_encoder.h"

namespace attn {

namespace {

Index both_directions(const ModelConfig& config) {
  return 2 * config.hidden_size;
}

}  // namespace

const Table<EncoderKind>& encoders() {
  static const Table<EncoderKind> table = {
      {"recurrent",
       "layers of one recurrent unit in each direction (Bahdanau et al. 2015, 3.2)",
       {make_recurrent_encoder, both_directions}},
  };
  return table;
}

}  // namespace attn
