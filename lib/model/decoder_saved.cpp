#include "model/decoder_saved.h"

namespace attn {

DecoderSaved::DecoderSaved(const DecoderRows& r, Index state_rows, Index n, Gradients gradients,
                           Workspace& ws)
    : prev(ws.take(state_rows, n)),
      state(ws.take(state_rows, n)),
      gates(ws.take(r.gates, n)),
      cells(ws.take(r.cells, n)),
      inputs(ws.take(r.inputs, n)),
      output(ws.take(r.output, n)),
      attention(ws.take(r.attention, n)),
      context(ws.take(r.context, n)),
      inner(ws.take(r.inner, n)),
      readout(ws.take(r.readout, n)),
      dprev(ws.zeros(gradients == Gradients::compute ? state_rows : 0, n)),
      dstate(ws.zeros(gradients == Gradients::compute ? state_rows : 0, n)),
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

}  // namespace attn
