#include "model/decoder.h"

#include "model/bahdanau.h"
#include "model/conditional.h"
#include "model/luong.h"
#include "model/model_config.h"

namespace attn {

DecoderSaved::DecoderSaved(const DecoderRows& r, Index carried, Index n, bool backward,
                           Workspace& ws)
    : prev(ws.take(r.state + carried, n)),
      state(ws.take(r.state + carried, n)),
      gates(ws.take(r.gates, n)),
      cache(ws.take(r.cache, n)),
      inputs(ws.take(r.inputs, n)),
      output(ws.take(r.output, n)),
      attention(ws.take(r.attention, n)),
      context(ws.take(r.context, n)),
      inner(ws.take(r.inner, n)),
      readout(ws.take(r.readout, n)),
      dprev(ws.zeros(backward ? r.state + carried : 0, n)),
      dstate(ws.zeros(backward ? r.state + carried : 0, n)),
      dinputs(ws.zeros(backward ? r.inputs : 0, n)),
      dcontext(ws.zeros(backward ? r.context : 0, n)) {}

DecoderSaved DecoderSaved::columns(Index begin, Index count) const {
  DecoderSaved part = *this;
  for (View* m : {&part.prev, &part.state, &part.gates, &part.cache, &part.inputs, &part.output,
                  &part.attention, &part.context, &part.inner, &part.readout, &part.dprev,
                  &part.dstate, &part.dinputs, &part.dcontext})
    new (m) View(attn::columns(*m, begin, count));
  return part;
}

AttentionOptions attention_options(const ModelConfig& config, const EncoderOutputRows& memory,
                                   Index state_rows) {
  const AttentionConfig& c = config.attention;
  AttentionOptions o;
  o.score = c.score, o.normalizer = c.normalizer, o.window = c.window;
  o.heads = c.heads;
  o.sizes = {memory.values, state_rows, c.hidden_size, c.max_positions, c.weight_norm, c.coverage};
  if (c.heads > 1 || attention_scores().at(c.score).same_size) o.projection = c.hidden_size;
  o.summary = memory.last;
  o.segments = memory.segments;
  if (!normalizers().at(c.normalizer).stochastic)
    o.dropout = config.dropout.attention;  // of one, nothing
  o.normalizer_options = {static_cast<Real>(c.temperature), c.top_k,
                          static_cast<Real>(c.threshold)};
  o.window_width = c.window_width;
  o.window_size = c.hidden_size > 0 ? c.hidden_size : config.hidden_size;
  return o;
}

const Registry<MakeDecoder>& decoders() {
  static const Registry<MakeDecoder> table = {
      {"bahdanau", "attends with its state before the step (Bahdanau et al. 2015, appendix A)",
       make_bahdanau_decoder},
      {"luong",
       "attends with its state of the step, and predicts from an attentional vector (Luong et al. "
       "2015)",
       make_luong_decoder},
      {"conditional",
       "two units with attention between them (Sennrich et al. 2017: Nematus; Marian)",
       make_conditional_decoder},
  };
  return table;
}

}  // namespace attn
