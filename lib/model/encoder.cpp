#include "model/encoder.h"

#include "model/document_encoder.h"
#include "model/model_config.h"
#include "model/recurrent_encoder.h"
#include "model/transformer_encoder.h"

namespace attn {

namespace {

// h_j has the size of [→h_j; ←h_j] whatever makes it.
EncoderOutputRows of_recurrent(const ModelConfig& config) {
  const Index n = config.hidden_size;
  return {2 * n, n, n};
}
EncoderOutputRows of_self_attention(const ModelConfig& config) {
  const Index n = config.hidden_size;
  return {2 * n, 2 * n, 0};
}
EncoderOutputRows of_recurrent_transformer(const ModelConfig& config) {
  const Index n = config.hidden_size;
  return {2 * n, n, 0};
}

}  // namespace

const Registry<EncoderKind>& encoders() {
  static const Registry<EncoderKind> table = {
      {"recurrent",
       "layers of one recurrent unit in each direction (Bahdanau et al. 2015, 3.2)",
       {make_recurrent_encoder, of_recurrent}},
      {"transformer",
       "layers in which every word reads every word (Vaswani et al. 2017, 3.1); the decoder starts "
       "from the mean of the h_j",
       {make_transformer_encoder, of_self_attention, true}},
      {"recurrent_transformer",
       "such layers over the states of recurrent ones (Chen et al. 2018)",
       {make_recurrent_transformer_encoder, of_recurrent_transformer, true}},
  };
  return table;
}

std::unique_ptr<Encoder> make_encoder(Layout& layout, const ModelConfig& config, Index vocabulary) {
  auto words = encoders().at(config.encoder.type).make(layout, config, vocabulary);
  if (!config.encoder.hierarchical) return words;
  return make_document_encoder(layout, config, std::move(words));
}

}  // namespace attn
