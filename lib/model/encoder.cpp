#include "model/encoder.h"

#include "model/document_encoder.h"
#include "model/model_config.h"
#include "model/recurrent_encoder.h"
#include "model/transformer_encoder.h"

namespace attn {
namespace {

// Every encoder's h_j has the size of [→h_j; ←h_j].
EncoderOutputRows recurrent_rows(const ModelConfig& config) {
  const Index n = config.hidden_size;
  return {2 * n, n, n};
}
EncoderOutputRows transformer_rows(const ModelConfig& config) {
  const Index n = config.hidden_size;
  return {2 * n, 2 * n, 0};
}
EncoderOutputRows recurrent_transformer_rows(const ModelConfig& config) {
  const Index n = config.hidden_size;
  return {2 * n, n, 0};
}

}  // namespace

const Registry<EncoderKind>& encoders() {
  static const Registry<EncoderKind> table = {
      {"recurrent",
       "bidirectional recurrent layers (Bahdanau et al. 2015, 3.2)",
       {.make = make_recurrent_encoder, .rows = recurrent_rows}},
      {"transformer",
       "Transformer layers (Vaswani et al. 2017, 3.1); the decoder starts from the mean of the "
       "encoder states",
       {.make = make_transformer_encoder, .rows = transformer_rows, .has_self_attention = true}},
      {"recurrent_transformer",
       "Transformer layers on top of bidirectional recurrent layers (Chen et al. 2018)",
       {.make = make_recurrent_transformer_encoder,
        .rows = recurrent_transformer_rows,
        .has_self_attention = true}},
  };
  return table;
}

std::unique_ptr<Encoder> make_encoder(Layout& layout, const ModelConfig& config, Index vocabulary) {
  auto encoder = encoders().at(config.encoder.type).make(layout, config, vocabulary);
  if (!config.encoder.hierarchical) return encoder;
  return make_document_encoder(layout, config, std::move(encoder));
}

}  // namespace attn
