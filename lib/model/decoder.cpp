#include "model/decoder.h"

#include "model/bahdanau.h"
#include "model/conditional.h"
#include "model/luong.h"
#include "model/model_config.h"

namespace attn {

DecoderSaved::DecoderSaved(const DecoderRows& r, Index attention_state_rows, Index n,
                           Gradients gradients, Workspace& ws)
    : prev(ws.take(r.state + attention_state_rows, n)),
      state(ws.take(r.state + attention_state_rows, n)),
      gates(ws.take(r.gates, n)),
      cells(ws.take(r.cells, n)),
      inputs(ws.take(r.inputs, n)),
      output(ws.take(r.output, n)),
      attention(ws.take(r.attention, n)),
      context(ws.take(r.context, n)),
      inner(ws.take(r.inner, n)),
      readout(ws.take(r.readout, n)),
      dprev(ws.zeros(gradients == Gradients::compute ? r.state + attention_state_rows : 0, n)),
      dstate(ws.zeros(gradients == Gradients::compute ? r.state + attention_state_rows : 0, n)),
      dinputs(ws.zeros(gradients == Gradients::compute ? r.inputs : 0, n)),
      dcontext(ws.zeros(gradients == Gradients::compute ? r.context : 0, n)) {}

DecoderSaved DecoderSaved::columns(Index begin, Index count) const {
  DecoderSaved out = *this;
  for (MatrixView* m : {&out.prev, &out.state, &out.gates, &out.cells, &out.inputs, &out.output,
                        &out.attention, &out.context, &out.inner, &out.readout, &out.dprev,
                        &out.dstate, &out.dinputs, &out.dcontext})
    *m = m->columns(begin, count);
  return out;
}

AttentionOptions attention_options(const ModelConfig& config, const EncoderOutputRows& memory,
                                   Index state_rows) {
  const AttentionConfig& c = config.attention;
  AttentionOptions o;
  o.score = c.score, o.normalizer = c.normalizer, o.window = c.window;
  o.heads = c.heads;
  o.sizes = {memory.values, state_rows, c.hidden_size, c.max_positions, c.weight_norm, c.coverage};
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

const Registry<MakeDecoder>& decoders() {
  static const Registry<MakeDecoder> table = {
      {"bahdanau",
       "the state of the previous step queries attention (Bahdanau et al. 2015, appendix A)",
       make_bahdanau_decoder},
      {"luong",
       "the state of the current step queries attention; predictions from an attentional vector "
       "(Luong et al. 2015)",
       make_luong_decoder},
      {"conditional",
       "two recurrent cells with attention between them (Sennrich et al. 2017: Nematus; Marian)",
       make_conditional_decoder},
  };
  return table;
}

}  // namespace attn
