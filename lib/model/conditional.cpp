// The conditional decoder of Nematus (Sennrich et al. 2017, section 2) and Marian, with any cell:
//   s'_i = cell₁(E y_{i−1}, s_{i−1})
//   c_i  = Σ_j α_ij h_j, α from the score of s'_i and h_j
//   s_i  = cell₂(c_i, s'_i)
//   t_i  = readout(s_i, E y_{i−1}, c_i)
// The layers above read s_i, which is the state of the first layer. s'_i is saved in the last rows
// of DecoderSaved::inputs; the gates and saved activations of cell₂ follow those of the layers.
#include "model/conditional.h"

#include "model/model_config.h"
#include "model/recurrent_decoder.h"

namespace attn {
namespace {

class Conditional : public RecurrentStep {
 public:
  Conditional(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : RecurrentStep(layout, config, memory, DeepOutput::yes),
        second_(attn::cells().at(config.cell)(
            Scope(layout) / "decoder" / "second",
            {attention_->context_rows(), config.hidden_size, config.layer_norm})) {
    intermediate_ = rows_.inputs, gates_ = rows_.gates, cell_saved_ = rows_.cells;
    rows_.inputs += second_->state_rows();
    rows_.gates += second_->gate_rows();
    rows_.cells += second_->saved_rows();
  }

  void step(const Weights& w, const StepContext& context, DecoderSaved& saved,
            Workspace& ws) const override {
    cells_.cell(0).step(w, cells_.state(saved.prev, 0), cells_.gates(saved, 0),
                        intermediate(saved.inputs), cells_.cell_saved(saved, 0));
    attention_->step(w, context.memory, attention_step(context, saved), ws);
    second_->project(w, saved.context, gates(saved));
    second_->step(w, intermediate(saved.inputs), gates(saved), cells_.state(saved.state, 0),
                  cell_saved(saved));
    cells_.step(w, 1, context.columns, saved);
  }

  void step_backward(const Weights& w, const StepContext& context, DecoderSaved& saved,
                     EncoderOutput& dmemory, WeightGradients g, Workspace& ws) const override {
    cells_.step_backward(w, 1, context.columns, saved);
    second_->step_backward(w, intermediate(saved.inputs), cells_.state(saved.dstate, 0),
                           gates(saved), cell_saved(saved), intermediate(saved.dinputs));
    second_->input_backward(w, gates(saved), saved.dcontext);
    attention_->step_backward(w, context.memory, attention_step(context, saved),
                              {saved.dcontext, attention_state(saved.dstate), query(saved.dinputs),
                               attention_state(saved.dprev), dmemory},
                              g, ws);
    cells_.cell(0).step_backward(w, cells_.state(saved.prev, 0), intermediate(saved.dinputs),
                                 cells_.gates(saved, 0), cells_.cell_saved(saved, 0),
                                 cells_.state(saved.dprev, 0));
  }

  void accumulate(const Weights& w, const StepContext& context, const DecoderInput& in,
                  const DecoderSaved& saved, const DecoderInputGrad& d, WeightGradients g,
                  Workspace& ws) const override {
    cells_.accumulate(w, in.embedded, cells_.state(saved.prev, 0), saved, g, d.embedded, ws);
    second_->accumulate(saved.context, intermediate(saved.inputs), gates(saved), cell_saved(saved),
                        g);
    deep_output_->accumulate(w, cells_.output(saved), in.embedded, saved.context, saved.inner, g,
                             d.embedded, ws);
    attention_->accumulate(w, context.memory, in.target.packing(), attention_step(context, saved),
                           saved.dcontext, d.memory, g, ws);
  }

  void readout(const Weights& w, const UniqueColumns& embedded, DecoderSaved& saved,
               Workspace& ws) const override {
    deep_output_->forward(w, cells_.output(saved), embedded, saved.context, saved.inner,
                          saved.readout, ws);
  }

  void readout_backward(const Weights& w, In dreadout, DecoderSaved& saved,
                        Workspace& ws) const override {
    const auto scope = ws.scope();
    MatrixView ds = ws.zeros(second_->hidden(), dreadout.cols());
    deep_output_->backward(w, dreadout, saved.inner, ds, saved.dcontext);
    cells_.output_backward(ds, saved);
  }

 private:
  AttentionStep attention_step(const StepContext& context, const DecoderSaved& saved) const {
    return {context.columns, query(saved.inputs), attention_state(saved.prev),
            saved.attention, saved.context,       attention_state(saved.state)};
  }
  // Return the rows of s'_i, and its first rows, which are the query.
  MatrixView intermediate(MatrixView inputs) const {
    return inputs.row_range(intermediate_, second_->state_rows());
  }
  MatrixView query(MatrixView inputs) const {
    return inputs.row_range(intermediate_, second_->hidden());
  }
  MatrixView gates(const DecoderSaved& saved) const {
    return saved.gates.row_range(gates_, second_->gate_rows());
  }
  MatrixView cell_saved(const DecoderSaved& saved) const {
    return saved.cells.row_range(cell_saved_, second_->saved_rows());
  }

  std::unique_ptr<Cell> second_;
  Index intermediate_ = 0, gates_ = 0, cell_saved_ = 0;  // first rows of s' and of cell₂
};

}  // namespace

std::unique_ptr<Decoder> make_conditional_decoder(Layout& layout, const ModelConfig& config,
                                                  const EncoderOutputRows& memory) {
  return std::make_unique<RecurrentDecoder>(std::make_unique<Conditional>(layout, config, memory),
                                            config.decoder);
}

}  // namespace attn
