// The decoder of Luong, Pham and Manning (2015), sections 3 and 3.3:
//   s_i  = cell([E y_{i−1}; ĥ_{i−1}], s_{i−1})   (ĥ with input feeding, ĥ_0 = 0)
//   c_i  = Σ_j α_ij h_j, α from the score of s_i and h_j
//   ĥ_i  = tanh(W_c [c_i; s_i]), the attentional vector, which the output layer reads
// The state of the top layer is the query. With input feeding, ĥ is computed in every step and is a
// part of the decoder state, after the states of the layers; otherwise training attends to all
// steps at once and computes ĥ after the time loop.
#include "model/luong.h"

#include "math/fast_math.h"
#include "model/model_config.h"
#include "model/recurrent_decoder.h"

namespace attn {
namespace {

class Luong : public RecurrentStep {
 public:
  Luong(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : RecurrentStep(layout, config, memory, DeepOutput::no) {
    const Index size = config.decoder.readout_size, n = config.hidden_size;
    const Scope at = Scope(layout) / "attentional";
    w_context_ = at.matrix("w_context", size, attention_->context_rows(), Role::input);
    w_state_ = at.matrix("w_state", size, n, Role::input);
    if (config.decoder.input_feeding) {
      const Index gates = cells_.cell(0).gate_rows();
      w_feed_ = (Scope(layout) / "decoder" / 0).matrix("w_f", gates, size, Role::input, gates / n);
      fed_ = rows_.state;
      rows_.state += size;
    }
    rows_.inner = rows_.readout = size;
  }

  bool can_attend_to_all_steps() const override {
    return !has_input_feeding() && attention_->has_all_steps();
  }

  void step(const Weights& w, const StepContext& context, DecoderSaved& saved,
            Workspace& ws) const override {
    if (has_input_feeding())
      add_product(w, w_feed_, fed_vector(saved.prev), cells_.gates(saved, 0));
    cells_.step(w, 0, context.columns, saved);
    if (!context.attends_to_all_steps)
      attention_->step(w, context.memory, attention_step(context, saved), ws);
    if (!has_input_feeding()) return;
    attentional_forward(w, saved);
    copy(saved.inner, fed_vector(saved.state));
  }

  void step_backward(const Weights& w, const StepContext& context, DecoderSaved& saved,
                     EncoderOutput& dmemory, WeightGradients g, Workspace& ws) const override {
    if (has_input_feeding()) attentional_backward(w, fed_vector(saved.dstate), saved, ws);
    if (!context.attends_to_all_steps)
      attention_->step_backward(w, context.memory, attention_step(context, saved),
                                {saved.dcontext, attention_state(saved.dstate),
                                 cells_.top(saved.dstate), attention_state(saved.dprev), dmemory},
                                g, ws);
    cells_.step_backward(w, 0, context.columns, saved);
    if (has_input_feeding())
      add_transposed_product(w, w_feed_, cells_.gates(saved, 0), fed_vector(saved.dprev));
  }

  void accumulate(const Weights& w, const StepContext& context, const DecoderInput& in,
                  const DecoderSaved& saved, const DecoderInputGrad& d, WeightGradients g,
                  Workspace& ws) const override {
    if (has_input_feeding())
      add_outer_product(cells_.gates(saved, 0), fed_vector(saved.prev), g, w_feed_);
    cells_.accumulate(w, in.embedded, cells_.state(saved.prev, 0), saved, g, d.embedded, ws);
    add_outer_product(saved.inner, saved.context, g, w_context_);
    add_outer_product(saved.inner, cells_.output(saved), g, w_state_);
    if (!context.attends_to_all_steps)
      attention_->accumulate(w, context.memory, in.target.packing(), attention_step(context, saved),
                             saved.dcontext, d.memory, g, ws);
  }

  void readout(const Weights& w, const UniqueColumns&, DecoderSaved& saved,
               Workspace&) const override {
    if (!has_input_feeding()) attentional_forward(w, saved);
    copy(saved.inner, saved.readout);
  }

  void readout_backward(const Weights& w, In dreadout, DecoderSaved& saved,
                        Workspace& ws) const override {
    if (has_input_feeding())
      add(dreadout, fed_vector(saved.dstate));  // step_backward of the next step adds to it
    else
      attentional_backward(w, dreadout, saved, ws);
  }

 private:
  AttentionStep attention_step(const StepContext& context, const DecoderSaved& saved) const {
    return {context.columns, cells_.top(saved.state), attention_state(saved.prev),
            saved.attention, saved.context,           attention_state(saved.state)};
  }
  bool has_input_feeding() const { return w_feed_.rows > 0; }
  MatrixView fed_vector(MatrixView m) const { return m.row_range(fed_, w_feed_.cols); }

  void attentional_forward(const Weights& w, DecoderSaved& saved) const {
    product(w, w_context_, saved.context, saved.inner);
    add_product(w, w_state_, cells_.output(saved), saved.inner);
    for (Index j = 0; j < saved.inner.cols(); ++j)
      for (Real& x : column(saved.inner, j)) x = fast_tanh(x);
  }
  // Overwrites ĥ in saved.inner with the gradient of the tanh's argument.
  void attentional_backward(const Weights& w, In d, DecoderSaved& saved, Workspace& ws) const {
    const auto scope = ws.scope();
    saved.inner.map().array() = d.map().array() * (1 - saved.inner.map().array().square());
    add_transposed_product(w, w_context_, saved.inner, saved.dcontext);
    MatrixView ds = ws.zeros(w_state_.cols, d.cols());
    add_transposed_product(w, w_state_, saved.inner, ds);
    cells_.output_backward(ds, saved);
  }

  Slot w_context_, w_state_, w_feed_;
  Index fed_ = 0;  // first row of ĥ in the state
};

}  // namespace

std::unique_ptr<Decoder> make_luong_decoder(Layout& layout, const ModelConfig& config,
                                            const EncoderOutputRows& memory) {
  return std::make_unique<RecurrentDecoder>(std::make_unique<Luong>(layout, config, memory),
                                            config.decoder);
}

}  // namespace attn
