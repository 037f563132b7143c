// The decoder of Bahdanau, Cho and Bengio (2015), A.1.2 and A.2.2:
//   s_0 = tanh(W_s ←h_1 + b)
//   c_i = Σ_j α_ij h_j, α from the score of s_{i−1} and h_j
//   s_i = cell(E y_{i−1}, s_{i−1}, c_i):  a = W E y_{i−1} + b + C c_i
//   t_i = readout(s_{i−1} or s_i, E y_{i−1}, c_i)
// With several layers, the first layer receives the context and the state of the top layer is the
// query.
#include "model/bahdanau.h"

#include "model/model_config.h"
#include "model/recurrent_decoder.h"

namespace attn {
namespace {

class Bahdanau : public RecurrentStep {
 public:
  Bahdanau(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : RecurrentStep(layout, config, memory, DeepOutput::yes),
        readout_input_(readout_inputs().at(config.decoder.readout_input)) {
    const Index gates = cells_.cell(0).gate_rows();
    w_context_ = (Scope(layout) / "decoder" / 0)
                     .matrix("w_c", gates, attention_->context_rows(), Role::input,
                             gates / config.hidden_size);
  }

  void step(const Weights& w, const StepContext& context, DecoderSaved& saved,
            Workspace& ws) const override {
    attention_->step(w, context.memory, attention_step(context, saved), ws);
    add_product(w, w_context_, saved.context, cells_.gates(saved, 0));
    cells_.step(w, 0, context.columns, saved);
  }

  void step_backward(const Weights& w, const StepContext& context, DecoderSaved& saved,
                     EncoderOutput& dmemory, WeightGradients g, Workspace& ws) const override {
    cells_.step_backward(w, 0, context.columns, saved);
    add_transposed_product(w, w_context_, cells_.gates(saved, 0), saved.dcontext);
    attention_->step_backward(w, context.memory, attention_step(context, saved),
                              {saved.dcontext, attention_state(saved.dstate),
                               cells_.top(saved.dprev), attention_state(saved.dprev), dmemory},
                              g, ws);
  }

  void accumulate(const Weights& w, const StepContext& context, const DecoderInput& in,
                  const DecoderSaved& saved, const DecoderInputGrad& d, WeightGradients g,
                  Workspace& ws) const override {
    add_outer_product(cells_.gates(saved, 0), saved.context, g, w_context_);
    cells_.accumulate(w, in.embedded, cells_.state(saved.prev, 0), saved, g, d.embedded, ws);
    deep_output_->accumulate(w, readout_state(saved), in.embedded, saved.context, saved.inner, g,
                             d.embedded, ws);
    attention_->accumulate(w, context.memory, in.target.packing(), attention_step(context, saved),
                           saved.dcontext, d.memory, g, ws);
  }

  void readout(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
               Workspace& ws) const override {
    deep_output_->forward(w, readout_state(saved), embedded, saved.context, saved.inner,
                          saved.readout, ws);
  }

  void readout_backward(const Weights& w, In dreadout, DecoderSaved& saved,
                        Workspace& ws) const override {
    if (readout_input_ == ReadoutInput::previous)
      return deep_output_->backward(w, dreadout, saved.inner, cells_.top(saved.dprev),
                                    saved.dcontext);
    const auto scope = ws.scope();
    MatrixView ds = ws.zeros(cells_.cell(0).hidden(), dreadout.cols());
    deep_output_->backward(w, dreadout, saved.inner, ds, saved.dcontext);
    cells_.output_backward(ds, saved);
  }

 private:
  AttentionStep attention_step(const StepContext& context, const DecoderSaved& saved) const {
    return {context.columns, cells_.top(saved.prev), attention_state(saved.prev),
            saved.attention, saved.context,          attention_state(saved.state)};
  }
  MatrixView readout_state(const DecoderSaved& saved) const {
    return readout_input_ == ReadoutInput::previous ? cells_.top(saved.prev) : cells_.output(saved);
  }

  ReadoutInput readout_input_;
  Slot w_context_;
};

}  // namespace

std::unique_ptr<Decoder> make_bahdanau_decoder(Layout& layout, const ModelConfig& config,
                                               const EncoderOutputRows& memory) {
  return std::make_unique<RecurrentDecoder>(std::make_unique<Bahdanau>(layout, config, memory),
                                            config.decoder);
}

}  // namespace attn
