#include "nn/rnn.h"

namespace attn {

Rnn::Tape::Tape(const Rnn& rnn, Index tokens, Workspace& ws)
    : a(ws.take(rnn.cell_->gate_rows(), tokens)),
      prev(ws.take(rnn.cell_->state_rows(), tokens)),
      state(ws.take(rnn.cell_->state_rows(), tokens)),
      cache(ws.take(rnn.cell_->saved_rows(), tokens)),
      dstate(ws.zeros(rnn.cell_->state_rows(), tokens)) {}

int Rnn::before(const Packing& p, int t) const {
  if (direction_ == Direction::forward) return t - 1;
  return t + 1 < p.steps() ? t + 1 : -1;
}

void Rnn::forward(const Params& w, const Packing& p, const UniqueColumns& x, Tape& tape,
                  Workspace& ws) const {
  cell_->project(w, x, tape.a, ws);
  const TimeLoop loop;
  for (int i = 0; i < p.steps(); ++i) {
    const int t = nth(p, i), from = before(p, t);
    auto prev = p.step(tape.prev, t);
    const Index carried = from < 0 ? 0 : std::min(p.width(t), p.width(from));
    if (carried > 0) prev.leftCols(carried) = p.step(tape.state, from).leftCols(carried);
    prev.rightCols(prev.cols() - carried).setZero();
    cell_->step(w, prev, p.step(tape.a, t), p.step(tape.state, t), p.step(tape.cache, t));
  }
}

void Rnn::backward(const Params& w, const Packing& p, const UniqueColumns& x, Tape& tape,
                   Workspace& ws, Params& g, Out dx) const {
  steps_backward(w, p, tape, ws);
  cell_->accumulate(w, x, tape.prev, tape.a, tape.cache, g, dx, ws);
}

void Rnn::steps_backward(const Params& w, const Packing& p, Tape& tape, Workspace& ws) const {
  const TimeLoop loop;
  const auto scope = ws.scope();
  View scratch = ws.take(cell_->state_rows(), p.width(0));
  for (int i = p.steps() - 1; i >= 0; --i) {
    const int t = nth(p, i), from = before(p, t);
    auto dprev = scratch.leftCols(p.width(t));
    dprev.setZero();
    cell_->step_backward(w, p.step(tape.prev, t), p.step(tape.dstate, t), p.step(tape.a, t),
                         p.step(tape.cache, t), dprev);
    if (from < 0) continue;
    const Index carried = std::min(p.width(t), p.width(from));
    p.step(tape.dstate, from).leftCols(carried) += dprev.leftCols(carried);
  }
}

}  // namespace attn
