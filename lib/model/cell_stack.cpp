#include "model/cell_stack.h"

#include "math/fast_math.h"
#include "model/model_config.h"

namespace attn {

CellStack::CellStack(Scope at, const ModelConfig& config, Index first, DecoderRows& rows)
    : n_(config.hidden_size), residual_(config.residual) {
  for (Index l = 0; l < config.decoder.layers; ++l) {
    start_.emplace_back(at / "start" / l, first, n_);
    layers_.push_back({cells().at(config.cell)(
                           at / l, {l == 0 ? config.embedding_size : n_, n_, config.layer_norm}),
                       Dropout("decoder." + std::to_string(l), l == 0 ? 0 : config.dropout.layer),
                       rows.state, rows.gates, rows.cache});
    rows.state += layers_.back().cell->state_rows();
    rows.gates += layers_.back().cell->gate_rows();
    rows.cache += layers_.back().cell->saved_rows();
  }
  rows.inputs = n_ * (config.decoder.layers - 1);
  rows.output = sums() ? n_ : 0;
}

void CellStack::start(const Params& w, const EncoderOutput& memory, Out state) const {
  state.setZero();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    auto h = state.middleRows(layers_[l].state, n_);
    start_[l].forward(w, memory.first, h);
    for (Index j = 0; j < h.cols(); ++j)
      for (Real& x : column(h, j)) x = fast_tanh(x);
  }
}

void CellStack::start_backward(const Params& w, const EncoderOutput& memory, In state, Out dstate,
                               Params& g, EncoderOutput& dmemory) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    auto dh = dstate.middleRows(layers_[l].state, n_);
    dh.array() *= Real(1) - state.middleRows(layers_[l].state, n_).array().square();
    start_[l].backward(w, dh, dmemory.first);
    start_[l].accumulate(memory.first, dh, g);
  }
}

void CellStack::step(const Params& w, std::size_t first, const AttentionStep& reading,
                     DecoderSaved& tape) const {
  if (first == 0) cell_step(w, 0, tape);
  for (std::size_t l = 1; l < layers_.size(); ++l) {
    View x = input(tape.inputs, l);
    write_output(tape, l - 1, x);
    layers_[l].dropout.apply(reading.noise, reading.example_ids, x);
    layers_[l].cell->project(w, x, gates(tape, l));
    cell_step(w, l, tape);
  }
  if (sums()) write_output(tape, layers_.size() - 1, tape.output);
}

void CellStack::step_backward(const Params& w, std::size_t first, const AttentionStep& reading,
                              DecoderSaved& tape) const {
  for (std::size_t l = layers_.size() - 1; l > 0; --l) {
    cell_step_backward(w, l, tape);
    View dx = input(tape.dinputs, l);
    layers_[l].cell->input_backward(w, gates(tape, l), dx);
    layers_[l].dropout.apply(reading.noise, reading.example_ids, dx);
    h(tape.dstate, l - 1) += dx;
    if (adds_input(l - 1)) input(tape.dinputs, l - 1) += dx;
  }
  if (first == 0) cell_step_backward(w, 0, tape);
}

void CellStack::accumulate(const Params& w, const UniqueColumns& x, In prev,
                           const DecoderSaved& tape, Params& g, Out dx, Workspace& ws) const {
  layers_[0].cell->accumulate(w, x, prev, gates(tape, 0), cache(tape, 0), g, dx, ws);
  for (std::size_t l = 1; l < layers_.size(); ++l)
    layers_[l].cell->accumulate(input(tape.inputs, l), state(tape.prev, l), gates(tape, l),
                                cache(tape, l), g);
}

void CellStack::output_backward(In doutput, DecoderSaved& tape) const {
  top(tape.dstate) += doutput;
  if (sums()) input(tape.dinputs, layers_.size() - 1) += doutput;
}

void CellStack::write_output(const DecoderSaved& tape, std::size_t l, Out output) const {
  output = h(tape.state, l);
  if (adds_input(l)) output += input(tape.inputs, l);
}

void CellStack::cell_step(const Params& w, std::size_t l, DecoderSaved& tape) const {
  layers_[l].cell->step(w, state(tape.prev, l), gates(tape, l), state(tape.state, l),
                        cache(tape, l));
}

void CellStack::cell_step_backward(const Params& w, std::size_t l, DecoderSaved& tape) const {
  layers_[l].cell->step_backward(w, state(tape.prev, l), state(tape.dstate, l), gates(tape, l),
                                 cache(tape, l), state(tape.dprev, l));
}

}  // namespace attn
