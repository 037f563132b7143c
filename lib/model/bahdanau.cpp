// The decoder of Bahdanau, Cho and Bengio (2015), A.1.2 and A.2.2:
//   s_0 = tanh(W_s ←h_1 + b)
//   c_i = Σ_j α_ij h_j, α from the score of s_{i−1} and h_j
//   s_i = cell(E y_{i−1}, s_{i−1}, c_i):  a = W E y_{i−1} + b + C c_i
//   t_i = readout(s_{i−1} or s_i, E y_{i−1}, c_i)
// With several layers, the first layer receives the context and the state of the top layer is the
// query.
#include "model/bahdanau.h"

#include "model/cell_stack.h"
#include "model/model_config.h"
#include "nn/readout.h"

namespace attn {
namespace {

class Bahdanau : public Decoder {
 public:
  Bahdanau(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : readout_input_(readout_inputs().at(config.decoder.readout_input)),
        attention_(make_attention(Scope(layout) / "attention",
                                  attention_options(config, memory, config.hidden_size))),
        readout_(Scope(layout) / "readout",
                 {config.hidden_size, config.embedding_size, attention_->context_rows(),
                  config.decoder.readout_size},
                 activations().at(config.decoder.readout)),
        cells_(Scope(layout) / "decoder", config, memory.first, rows_) {
    const Index gates = cells_.cell(0).gate_rows();
    w_context_ = (Scope(layout) / "decoder" / 0)
                     .matrix("w_c", gates, attention_->context_rows(), Role::input,
                             gates / config.hidden_size);
    rows_.attention = attention_->rows().saved;
    rows_.context = attention_->context_rows();
    rows_.inner = readout_.inner_rows();
    rows_.readout = readout_.rows();
  }

  const DecoderRows& rows() const override { return rows_; }
  const Attention& attention() const override { return *attention_; }

  void start(const Weights& w, const EncoderOutput& memory, Out state) const override {
    cells_.start(w, memory, state);
  }
  void start_backward(const Weights& w, const EncoderOutput& memory, In state, Out dstate,
                      WeightGradients g, EncoderOutput& dmemory) const override {
    cells_.start_backward(w, memory, state, dstate, g, dmemory);
  }

  void project(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
               Workspace& ws) const override {
    cells_.cell(0).project(w, embedded, cells_.gates(saved, 0), ws);
  }

  void step(const Weights& w, const StepContext& context, DecoderSaved& saved) const override {
    attention_->step(w, context.memory, attention_step(context, saved));
    add_product(w, w_context_, saved.context, cells_.gates(saved, 0));
    cells_.step(w, 0, context.step, saved);
  }

  void step_backward(const Weights& w, const StepContext& context, DecoderSaved& saved,
                     WeightGradients g, EncoderOutput& dmemory, Workspace& ws) const override {
    cells_.step_backward(w, 0, context.step, saved);
    add_transposed_product(w, w_context_, cells_.gates(saved, 0), saved.dcontext);
    attention_->step_backward(w, context.memory, attention_step(context, saved),
                              {saved.dcontext, attention_state(saved.dstate),
                               cells_.top(saved.dprev), attention_state(saved.dprev), dmemory},
                              g, ws);
  }

  void accumulate(const Weights& w, const StepContext& context, const Packing& p,
                  const UniqueColumns& embedded, const DecoderSaved& saved, WeightGradients g,
                  EncoderOutput& dmemory, Out dembedded, Workspace& ws) const override {
    add_outer_product(cells_.gates(saved, 0), saved.context, g, w_context_);
    cells_.accumulate(w, embedded, cells_.state(saved.prev, 0), saved, g, dembedded, ws);
    readout_.accumulate(w, readout_state(saved), embedded, saved.context, saved.inner, g, dembedded,
                        ws);
    attention_->accumulate(w, context.memory, p, attention_step(context, saved), saved.dcontext,
                           dmemory, g, ws);
  }

  void readout(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
               Workspace& ws) const override {
    readout_.forward(w, readout_state(saved), embedded, saved.context, saved.inner, saved.readout,
                     ws);
  }

  void readout_backward(const Weights& w, In dreadout, DecoderSaved& saved,
                        Workspace& ws) const override {
    if (readout_input_ == ReadoutInput::previous)
      return readout_.backward(w, dreadout, saved.inner, cells_.top(saved.dprev), saved.dcontext);
    const auto scope = ws.scope();
    MatrixView ds = ws.zeros(cells_.cell(0).hidden(), dreadout.cols());
    readout_.backward(w, dreadout, saved.inner, ds, saved.dcontext);
    cells_.output_backward(ds, saved);
  }

 private:
  AttentionStep attention_step(const StepContext& context, const DecoderSaved& saved) const {
    return {context.step,    cells_.top(saved.prev), attention_state(saved.prev),
            saved.attention, saved.context,          attention_state(saved.state)};
  }
  MatrixView attention_state(MatrixView m) const {
    return m.row_range(rows_.state, m.rows() - rows_.state);
  }
  MatrixView readout_state(const DecoderSaved& saved) const {
    return readout_input_ == ReadoutInput::previous ? cells_.top(saved.prev) : cells_.output(saved);
  }

  ReadoutInput readout_input_;
  std::unique_ptr<Attention> attention_;
  Readout readout_;
  DecoderRows rows_;
  CellStack cells_;
  Slot w_context_;
};

}  // namespace

std::unique_ptr<Decoder> make_bahdanau_decoder(Layout& layout, const ModelConfig& config,
                                               const EncoderOutputRows& memory) {
  return std::make_unique<Bahdanau>(layout, config, memory);
}

}  // namespace attn
