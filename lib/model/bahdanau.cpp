// The decoder of Bahdanau, Cho and Bengio (2015), A.1.2 and A.2.2:
//   s_0 = tanh(W_s ←h_1 + b)
//   c_i = Σ_j α_ij h_j, α from the score of s_{i−1} and h_j
//   s_i = cell(E y_{i−1}, s_{i−1}, c_i):  a = W E y_{i−1} + b + C c_i
//   t_i = readout(s_{i−1} or s_i, E y_{i−1}, c_i)
// With several layers the context enters the first and the top layer's state is the query.
#include "model/bahdanau.h"

#include "model/cell_stack.h"
#include "model/model_config.h"
#include "nn/readout.h"

namespace attn {
namespace {

class Bahdanau : public Decoder {
 public:
  Bahdanau(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : reads_previous_(config.decoder.readout_input == "previous"),
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
    attention_->step(w, context.memory, context.reading, cells_.top(tape.prev), carried(tape.prev),
                     tape.attention, tape.context, carried(tape.state));
    add_product(w, w_context_, tape.context, cells_.gates(tape, 0));
    cells_.step(w, 0, context.reading, tape);
  }

  void step_backward(const Params& w, const StepContext& context, DecoderSaved& tape, Params& g,
                     EncoderOutput& dmemory, Workspace& ws) const override {
    cells_.step_backward(w, 0, context.reading, tape);
    add_transposed_product(w, w_context_, cells_.gates(tape, 0), tape.dcontext);
    attention_->step_backward(w, context.memory, context.reading, cells_.top(tape.prev),
                              carried(tape.prev), tape.dcontext, carried(tape.dstate),
                              tape.attention, g, dmemory, cells_.top(tape.dprev),
                              carried(tape.dprev), ws);
  }

  void accumulate(const Params& w, const StepContext& context, const Packing& p,
                  const UniqueColumns& embedded, const DecoderSaved& tape, Params& g,
                  EncoderOutput& dmemory, Out dembedded, Workspace& ws) const override {
    add_outer_product(cells_.gates(tape, 0), tape.context, g, w_context_);
    cells_.accumulate(w, embedded, cells_.state(tape.prev, 0), tape, g, dembedded, ws);
    readout_.accumulate(w, readout_input(tape), embedded, tape.context, tape.inner, g, dembedded,
                        ws);
    attention_->accumulate(w, context.memory, p, context.reading, cells_.top(tape.prev),
                           tape.attention, tape.dcontext, g, dmemory, ws);
  }

  void readout(const Params& w, const UniqueColumns& embedded, DecoderSaved& tape,
               Workspace& ws) const override {
    readout_.forward(w, readout_input(tape), embedded, tape.context, tape.inner, tape.readout, ws);
  }

  void readout_backward(const Params& w, In dreadout, DecoderSaved& tape,
                        Workspace& ws) const override {
    if (reads_previous_)
      return readout_.backward(w, dreadout, tape.inner, cells_.top(tape.dprev), tape.dcontext);
    const auto scope = ws.scope();
    View ds = ws.zeros(cells_.cell(0).hidden(), dreadout.cols());
    readout_.backward(w, dreadout, tape.inner, ds, tape.dcontext);
    cells_.output_backward(ds, tape);
  }

 private:
  View carried(const View& m) const { return attn::rows(m, rows_.state, m.rows() - rows_.state); }
  View readout_input(const DecoderSaved& tape) const {
    return reads_previous_ ? cells_.top(tape.prev) : cells_.output(tape);
  }

  bool reads_previous_;
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
