#include "model/decoder.h"

#include "model/bahdanau.h"

namespace attn {

DecoderTape::DecoderTape(const DecoderRows& r, Index n, bool backward, Workspace& ws)
    : prev(ws.take(r.state, n)),
      state(ws.take(r.state, n)),
      gates(ws.take(r.gates, n)),
      cache(ws.take(r.cache, n)),
      inputs(ws.take(r.inputs, n)),
      output(ws.take(r.output, n)),
      query(ws.take(r.query, n)),
      context(ws.take(r.context, n)),
      inner(ws.take(r.inner, n)),
      readout(ws.take(r.readout, n)),
      dprev(ws.zeros(backward ? r.state : 0, n)),
      dstate(ws.zeros(backward ? r.state : 0, n)),
      dinputs(ws.zeros(backward ? r.inputs : 0, n)),
      dcontext(ws.zeros(backward ? r.context : 0, n)) {}

DecoderTape DecoderTape::columns(Index begin, Index count) const {
  DecoderTape part = *this;
  for (View* m : {&part.prev, &part.state, &part.gates, &part.cache, &part.inputs, &part.output,
                  &part.query, &part.context, &part.inner, &part.readout, &part.dprev, &part.dstate,
                  &part.dinputs, &part.dcontext})
    new (m) View(attn::columns(*m, begin, count));
  return part;
}

const Table<MakeDecoder>& decoders() {
  static const Table<MakeDecoder> table = {
      {"bahdanau", "attends with its state before the step (Bahdanau et al. 2015, appendix A)",
       make_bahdanau_decoder},
  };
  return table;
}

}  // namespace attn
