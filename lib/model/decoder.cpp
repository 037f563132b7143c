#include "model/decoder.h"

#include "base/error.h"
#include "model/bahdanau.h"
#include "model/conditional.h"
#include "model/luong.h"
#include "model/model_config.h"

namespace attn {

void Decoder::set_attentions(std::vector<const Attention*> layers, const DecoderConfig& config) {
  ATTN_CHECK(config.alignment_layer <= std::ssize(layers));
  attentions_ = std::move(layers);
  const int last = static_cast<int>(attentions_.size());
  exported_ =
      static_cast<std::size_t>(config.alignment_layer > 0 ? config.alignment_layer : last) - 1;
}

int one_attention_layer(const DecoderConfig&) {
  return 1;
}

AttentionOptions attention_options(const ModelConfig& config, const EncoderOutputRows& memory,
                                   Index state_rows) {
  const AttentionConfig& c = config.attention;
  AttentionOptions o;
  o.score = c.score, o.normalizer = c.normalizer, o.window = c.window;
  o.heads = c.heads;
  o.sizes = {.value = memory.values,
             .state = state_rows,
             .hidden = c.hidden_size,
             .max_positions = c.max_positions,
             .weight_norm = c.weight_norm,
             .coverage = c.coverage};
  if (c.heads > 1 || attention_scores().at(c.score).same_size) o.projection_size = c.hidden_size;
  o.fixed_context_size = memory.last;
  o.segment_size = memory.segments;
  // Dropout could remove the only word that a stochastic normalizer samples.
  if (!normalizers().at(c.normalizer).stochastic) o.dropout = config.dropout.attention;
  o.normalizer_options = {static_cast<Real>(c.temperature), c.top_k,
                          static_cast<Real>(c.threshold)};
  o.window_width = c.window_width;
  o.window_hidden_size = c.hidden_size > 0 ? c.hidden_size : config.hidden_size;
  return o;
}

EncoderOutput with_keys(const EncoderOutput& memory, const AttentionRows& rows, Fill fill,
                        Workspace& ws) {
  const auto take = [&](Index n, const EncoderLevel& level) {
    const Index columns = level.begins.back();
    return fill == Fill::zero ? ws.zeros(n, columns) : ws.take(n, columns);
  };
  EncoderOutput out = memory;
  out.keys = take(rows.words.keys, out);
  out.projected = take(rows.words.projected, out);
  out.contents = take(rows.contents, out);
  out.segments.keys = take(rows.segments.keys, out.segments);
  out.segments.projected = take(rows.segments.projected, out.segments);
  return out;
}

const Registry<DecoderKind>& decoders() {
  static const Registry<DecoderKind> table = {
      {"bahdanau",
       "the state of the previous step queries attention (Bahdanau et al. 2015, appendix A)",
       {.make = make_bahdanau_decoder}},
      {"luong",
       "the state of the current step queries attention; predictions from an attentional vector "
       "(Luong et al. 2015)",
       {.make = make_luong_decoder}},
      {"conditional",
       "two recurrent cells with attention between them (Sennrich et al. 2017: Nematus; Marian)",
       {.make = make_conditional_decoder}},
  };
  return table;
}

}  // namespace attn
