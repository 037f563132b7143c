// The conditional gated unit of Nematus (Sennrich et al. 2017, section 2) and Marian, with any
// cell:
//   s'_i = cell₁(E y_{i−1}, s_{i−1})
//   c_i  = Σ_j α_ij h_j, α from the score of s'_i and h_j
//   s_i  = cell₂(c_i, s'_i)
//   t_i  = readout(s_i, E y_{i−1}, c_i)
// Layers above read s_i. The carried state of the first layer is s_i; s'_i stands in the last rows
// of the tape's inputs, cell₂'s gates and cache behind those of the layers.
#include "model/conditional.h"

#include "model/cell_stack.h"
#include "model/model_config.h"
#include "nn/readout.h"

namespace attn {
namespace {

class Conditional : public Decoder {
 public:
  Conditional(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : attention_(make_attention(Scope(layout) / "attention",
                                  attention_options(config, memory, config.hidden_size))),
        readout_(Scope(layout) / "readout",
                 {config.hidden_size, config.embedding_size, attention_->context_rows(),
                  config.decoder.readout_size},
                 activations().at(config.decoder.readout)),
        cells_(Scope(layout) / "decoder", config, memory.first, rows_),
        second_(cells().at(config.cell)(
            Scope(layout) / "decoder" / "second",
            {attention_->context_rows(), config.hidden_size, config.layer_norm})) {
    between_ = rows_.inputs, gates_ = rows_.gates, cache_ = rows_.cache;
    rows_.inputs += second_->state_rows();
    rows_.gates += second_->gate_rows();
    rows_.cache += second_->saved_rows();
    rows_.attention = attention_->rows().tape;
    rows_.context = attention_->context_rows();
    rows_.inner = readout_.inner_rows();
    rows_.readout = readout_.rows();
  }

  const DecoderRows& rows() const override { return rows_; }
  const Attention& attention() const override { return *attention_; }

  void start(const Params& w, const EncoderOutput& memory, Out state) const override {
    cells_.start(w, memory, state);
  }
  void start_backward(const Params& w, const EncoderOutput& memory, In state, Out dstate, Params& g,
                      EncoderOutput& dmemory) const override {
    cells_.start_backward(w, memory, state, dstate, g, dmemory);
  }

  void project(const Params& w, const UniqueColumns& embedded, DecoderSaved& tape,
               Workspace& ws) const override {
    cells_.cell(0).project(w, embedded, cells_.gates(tape, 0), ws);
  }

  void step(const Params& w, const StepContext& context, DecoderSaved& tape) const override {
    cells_.cell(0).step(w, cells_.state(tape.prev, 0), cells_.gates(tape, 0), between(tape.inputs),
                        cells_.cache(tape, 0));
    attention_->step(w, context.memory, context.reading, query(tape.inputs), carried(tape.prev),
                     tape.attention, tape.context, carried(tape.state));
    second_->project(w, tape.context, gates(tape));
    second_->step(w, between(tape.inputs), gates(tape), cells_.state(tape.state, 0), cache(tape));
    cells_.step(w, 1, context.reading, tape);
  }

  void step_backward(const Params& w, const StepContext& context, DecoderSaved& tape, Params& g,
                     EncoderOutput& dmemory, Workspace& ws) const override {
    cells_.step_backward(w, 1, context.reading, tape);
    second_->step_backward(w, between(tape.inputs), cells_.state(tape.dstate, 0), gates(tape),
                           cache(tape), between(tape.dinputs));
    second_->input_backward(w, gates(tape), tape.dcontext);
    attention_->step_backward(w, context.memory, context.reading, query(tape.inputs),
                              carried(tape.prev), tape.dcontext, carried(tape.dstate),
                              tape.attention, g, dmemory, query(tape.dinputs), carried(tape.dprev),
                              ws);
    cells_.cell(0).step_backward(w, cells_.state(tape.prev, 0), between(tape.dinputs),
                                 cells_.gates(tape, 0), cells_.cache(tape, 0),
                                 cells_.state(tape.dprev, 0));
  }

  void accumulate(const Params& w, const StepContext& context, const Packing& p,
                  const UniqueColumns& embedded, const DecoderSaved& tape, Params& g,
                  EncoderOutput& dmemory, Out dembedded, Workspace& ws) const override {
    cells_.accumulate(w, embedded, cells_.state(tape.prev, 0), tape, g, dembedded, ws);
    second_->accumulate(tape.context, between(tape.inputs), gates(tape), cache(tape), g);
    readout_.accumulate(w, cells_.output(tape), embedded, tape.context, tape.inner, g, dembedded,
                        ws);
    attention_->accumulate(w, context.memory, p, context.reading, query(tape.inputs),
                           tape.attention, tape.dcontext, g, dmemory, ws);
  }

  void readout(const Params& w, const UniqueColumns& embedded, DecoderSaved& tape,
               Workspace& ws) const override {
    readout_.forward(w, cells_.output(tape), embedded, tape.context, tape.inner, tape.readout, ws);
  }

  void readout_backward(const Params& w, In dreadout, DecoderSaved& tape,
                        Workspace& ws) const override {
    const auto scope = ws.scope();
    View ds = ws.zeros(second_->hidden(), dreadout.cols());
    readout_.backward(w, dreadout, tape.inner, ds, tape.dcontext);
    cells_.output_backward(ds, tape);
  }

 private:
  View carried(const View& m) const { return attn::rows(m, rows_.state, m.rows() - rows_.state); }
  // s'_i and its first rows, which ask.
  View between(const View& inputs) const {
    return attn::rows(inputs, between_, second_->state_rows());
  }
  View query(const View& inputs) const { return attn::rows(inputs, between_, second_->hidden()); }
  View gates(const DecoderSaved& tape) const {
    return attn::rows(tape.gates, gates_, second_->gate_rows());
  }
  View cache(const DecoderSaved& tape) const {
    return attn::rows(tape.cache, cache_, second_->saved_rows());
  }

  std::unique_ptr<Attention> attention_;
  Readout readout_;
  DecoderRows rows_;
  CellStack cells_;
  std::unique_ptr<Cell> second_;
  Index between_ = 0, gates_ = 0, cache_ = 0;  // where the rows of s' and of cell₂ begin
};

}  // namespace

std::unique_ptr<Decoder> make_conditional_decoder(Layout& layout, const ModelConfig& config,
                                                  const EncoderOutputRows& memory) {
  return std::make_unique<Conditional>(layout, config, memory);
}

}  // namespace attn
