#include "model/cell_stack.h"

#include "math/fast_math.h"
#include "model/model_config.h"

namespace attn {

CellStack::CellStack(Scope at, const ModelConfig& config, Index start_rows, DecoderRows& rows)
    : n_(config.hidden_size), residual_(config.residual) {
  for (Index l = 0; l < config.decoder.layers; ++l) {
    start_.emplace_back(at / "start" / l, start_rows, n_);
    layers_.push_back({cells().at(config.cell)(
                           at / l, {l == 0 ? config.embedding_size : n_, n_, config.layer_norm}),
                       Dropout("decoder." + std::to_string(l), l == 0 ? 0 : config.dropout.layer),
                       rows.state, rows.gates, rows.cells});
    rows.state += layers_.back().cell->state_rows();
    rows.gates += layers_.back().cell->gate_rows();
    rows.cells += layers_.back().cell->saved_rows();
  }
  rows.inputs = n_ * (config.decoder.layers - 1);
  rows.output = has_residual(layers_.size() - 1) ? n_ : 0;
}

void CellStack::start(const Weights& w, const EncoderOutput& memory, Out state) const {
  state.set_zero();
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    auto h = state.row_range(layers_[l].state, n_);
    start_[l].forward(w, memory.first, h);
    for (Index j = 0; j < h.cols(); ++j)
      for (Real& x : column(h, j)) x = fast_tanh(x);
  }
}

void CellStack::start_backward(const Weights& w, const EncoderOutput& memory, In state, Out dstate,
                               WeightGradients g, EncoderOutput& dmemory) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    auto dh = dstate.row_range(layers_[l].state, n_);
    dh.map().array() *= Real(1) - state.row_range(layers_[l].state, n_).map().array().square();
    start_[l].backward(w, dh, dmemory.first);
    start_[l].accumulate(memory.first, dh, g);
  }
}

void CellStack::step(const Weights& w, std::size_t first, const AttentionColumns& step,
                     DecoderSaved& saved) const {
  if (first == 0) cell_step(w, 0, saved);
  for (std::size_t l = 1; l < layers_.size(); ++l) {
    MatrixView x = input(saved.inputs, l);
    write_output(saved, l - 1, x);
    layers_[l].dropout.apply(step.noise, step.example_ids, x);
    layers_[l].cell->project(w, x, gates(saved, l));
    cell_step(w, l, saved);
  }
  if (has_residual(layers_.size() - 1)) write_output(saved, layers_.size() - 1, saved.output);
}

void CellStack::step_backward(const Weights& w, std::size_t first, const AttentionColumns& step,
                              DecoderSaved& saved) const {
  for (std::size_t l = layers_.size() - 1; l > 0; --l) {
    cell_step_backward(w, l, saved);
    MatrixView dx = input(saved.dinputs, l);
    layers_[l].cell->input_backward(w, gates(saved, l), dx);
    layers_[l].dropout.apply(step.noise, step.example_ids, dx);
    add(dx, h(saved.dstate, l - 1));
    if (has_residual(l - 1)) add(dx, input(saved.dinputs, l - 1));
  }
  if (first == 0) cell_step_backward(w, 0, saved);
}

void CellStack::accumulate(const Weights& w, const UniqueColumns& x, In prev,
                           const DecoderSaved& saved, WeightGradients g, Out dx,
                           Workspace& ws) const {
  layers_[0].cell->accumulate(w, x, prev, gates(saved, 0), cell_saved(saved, 0), g, dx, ws);
  for (std::size_t l = 1; l < layers_.size(); ++l)
    layers_[l].cell->accumulate(input(saved.inputs, l), state(saved.prev, l), gates(saved, l),
                                cell_saved(saved, l), g);
}

void CellStack::output_backward(In doutput, DecoderSaved& saved) const {
  add(doutput, top(saved.dstate));
  if (has_residual(layers_.size() - 1)) add(doutput, input(saved.dinputs, layers_.size() - 1));
}

void CellStack::write_output(const DecoderSaved& saved, std::size_t l, Out output) const {
  copy(h(saved.state, l), output);
  if (has_residual(l)) add(input(saved.inputs, l), output);
}

void CellStack::cell_step(const Weights& w, std::size_t l, DecoderSaved& saved) const {
  layers_[l].cell->step(w, state(saved.prev, l), gates(saved, l), state(saved.state, l),
                        cell_saved(saved, l));
}

void CellStack::cell_step_backward(const Weights& w, std::size_t l, DecoderSaved& saved) const {
  layers_[l].cell->step_backward(w, state(saved.prev, l), state(saved.dstate, l), gates(saved, l),
                                 cell_saved(saved, l), state(saved.dprev, l));
}

}  // namespace attn
