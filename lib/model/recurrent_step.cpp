#include "model/recurrent_step.h"

#include "model/model_config.h"

namespace attn {
namespace {

std::optional<Readout> make_deep_output(Layout& layout, const ModelConfig& config, Index context,
                                        DeepOutput deep_output) {
  if (deep_output == DeepOutput::no) return {};
  return Readout(Scope(layout) / "readout",
                 {config.hidden_size, config.embedding_size, context, config.decoder.readout_size},
                 activations().at(config.decoder.readout));
}

}  // namespace

RecurrentStep::RecurrentStep(Layout& layout, const ModelConfig& config,
                             const EncoderOutputRows& memory, DeepOutput deep_output)
    : attention_(make_attention(Scope(layout) / "attention",
                                attention_options(config, memory, config.hidden_size))),
      deep_output_(make_deep_output(layout, config, attention_->context_rows(), deep_output)),
      cells_(Scope(layout) / "decoder", config, memory.first, rows_) {
  rows_.attention = attention_->rows().saved;
  rows_.context = attention_->context_rows();
  if (!deep_output_) return;
  rows_.inner = deep_output_->inner_rows();
  rows_.readout = deep_output_->rows();
}

}  // namespace attn
