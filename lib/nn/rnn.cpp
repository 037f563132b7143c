#include "nn/rnn.h"

namespace attn {

Rnn::Saved::Saved(const Rnn& rnn, Index tokens, Workspace& ws)
    : a(ws.take(rnn.cell_->gate_rows(), tokens)),
      prev(ws.take(rnn.cell_->state_rows(), tokens)),
      state(ws.take(rnn.cell_->state_rows(), tokens)),
      cell(ws.take(rnn.cell_->saved_rows(), tokens)),
      dstate(ws.zeros(rnn.cell_->state_rows(), tokens)) {}

int Rnn::before(const Packing& p, int t) const {
  if (direction_ == Direction::forward) return t - 1;
  return t + 1 < p.steps() ? t + 1 : -1;
}

void Rnn::forward(const Weights& w, const Packing& p, const UniqueColumns& x, Saved& saved,
                  Workspace& ws) const {
  cell_->project(w, x, saved.a, ws);
  for (int i = 0; i < p.steps(); ++i) {
    const int t = nth(p, i), from = before(p, t);
    auto prev = p.step(saved.prev, t);
    const Index continued = from < 0 ? 0 : std::min(p.width(t), p.width(from));
    if (continued > 0)
      copy(p.step(saved.state, from).columns(0, continued), prev.columns(0, continued));
    prev.columns(continued, prev.cols() - continued).set_zero();
    cell_->step(w, prev, p.step(saved.a, t), p.step(saved.state, t), p.step(saved.cell, t));
  }
}

void Rnn::backward(const Weights& w, const Packing& p, const UniqueColumns& x, Saved& saved,
                   Workspace& ws, WeightGradients g, Out dx) const {
  steps_backward(w, p, saved, ws);
  cell_->accumulate(w, x, saved.prev, saved.a, saved.cell, g, dx, ws);
}

void Rnn::steps_backward(const Weights& w, const Packing& p, Saved& saved, Workspace& ws) const {
  const auto scope = ws.scope();
  MatrixView buffer = ws.take(cell_->state_rows(), p.width(0));
  for (int i = p.steps() - 1; i >= 0; --i) {
    const int t = nth(p, i), from = before(p, t);
    auto dprev = buffer.columns(0, p.width(t));
    dprev.set_zero();
    cell_->step_backward(w, p.step(saved.prev, t), p.step(saved.dstate, t), p.step(saved.a, t),
                         p.step(saved.cell, t), dprev);
    if (from < 0) continue;
    const Index continued = std::min(p.width(t), p.width(from));
    add(dprev.columns(0, continued), p.step(saved.dstate, from).columns(0, continued));
  }
}

}  // namespace attn
