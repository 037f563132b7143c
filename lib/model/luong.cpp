// The decoder of Luong, Pham and Manning (2015), sections 3 and 3.3:
//   s_i  = cell([E y_{i−1}; ĥ_{i−1}], s_{i−1})   (ĥ with input feeding, ĥ_0 = 0)
//   c_i  = Σ_j α_ij h_j, α from the score of s_i and h_j
//   ĥ_i  = tanh(W_c [c_i; s_i]), the attentional vector, of which the output layer makes the words
// The top layer's state asks. With input feeding ĥ is carried behind the states of the layers and
// made in every step, else once for all.
#include "model/luong.h"

#include "math/fast_math.h"
#include "model/cell_stack.h"
#include "model/model_config.h"

namespace attn {
namespace {

class Luong : public Decoder {
 public:
  Luong(Layout& layout, const ModelConfig& config, const EncoderOutputRows& memory)
      : attention_(make_attention(Scope(layout) / "attention",
                                  attention_options(config, memory, config.hidden_size))),
        cells_(Scope(layout) / "decoder", config, memory.first, rows_) {
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
    rows_.attention = attention_->rows().tape;
    rows_.context = attention_->context_rows();
    rows_.inner = rows_.readout = size;
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
    if (feeds()) add_product(w, w_feed_, fed(tape.prev), cells_.gates(tape, 0));
    cells_.step(w, 0, context.reading, tape);
    attention_->step(w, context.memory, context.reading, cells_.top(tape.state), carried(tape.prev),
                     tape.attention, tape.context, carried(tape.state));
    if (!feeds()) return;
    make_attentional(w, tape);
    fed(tape.state) = tape.inner;
  }

  void step_backward(const Params& w, const StepContext& context, DecoderSaved& tape, Params& g,
                     EncoderOutput& dmemory, Workspace& ws) const override {
    if (feeds()) attentional_backward(w, fed(tape.dstate), tape, ws);
    attention_->step_backward(w, context.memory, context.reading, cells_.top(tape.state),
                              carried(tape.prev), tape.dcontext, carried(tape.dstate),
                              tape.attention, g, dmemory, cells_.top(tape.dstate),
                              carried(tape.dprev), ws);
    cells_.step_backward(w, 0, context.reading, tape);
    if (feeds()) add_transposed_product(w, w_feed_, cells_.gates(tape, 0), fed(tape.dprev));
  }

  void accumulate(const Params& w, const StepContext& context, const Packing& p,
                  const UniqueColumns& embedded, const DecoderSaved& tape, Params& g,
                  EncoderOutput& dmemory, Out dembedded, Workspace& ws) const override {
    if (feeds()) add_outer_product(cells_.gates(tape, 0), fed(tape.prev), g, w_feed_);
    cells_.accumulate(w, embedded, cells_.state(tape.prev, 0), tape, g, dembedded, ws);
    add_outer_product(tape.inner, tape.context, g, w_context_);
    add_outer_product(tape.inner, cells_.output(tape), g, w_state_);
    attention_->accumulate(w, context.memory, p, context.reading, cells_.top(tape.state),
                           tape.attention, tape.dcontext, g, dmemory, ws);
  }

  void readout(const Params& w, const UniqueColumns&, DecoderSaved& tape,
               Workspace&) const override {
    if (!feeds()) make_attentional(w, tape);
    tape.readout = tape.inner;
  }

  void readout_backward(const Params& w, In dreadout, DecoderSaved& tape,
                        Workspace& ws) const override {
    if (feeds())
      fed(tape.dstate) += dreadout;  // with what the next step has of it, when that is known
    else
      attentional_backward(w, dreadout, tape, ws);
  }

 private:
  bool feeds() const { return w_feed_.rows > 0; }
  View carried(const View& m) const { return attn::rows(m, rows_.state, m.rows() - rows_.state); }
  View fed(const View& m) const { return attn::rows(m, fed_, w_feed_.cols); }

  void make_attentional(const Params& w, DecoderSaved& tape) const {
    product(w, w_context_, tape.context, tape.inner);
    add_product(w, w_state_, cells_.output(tape), tape.inner);
    for (Index j = 0; j < tape.inner.cols(); ++j)
      for (Real& x : column(tape.inner, j)) x = fast_tanh(x);
  }
  // The tape's ĥ becomes the gradient of what stands in the tanh.
  void attentional_backward(const Params& w, In d, DecoderSaved& tape, Workspace& ws) const {
    const auto scope = ws.scope();
    tape.inner.array() = d.array() * (1 - tape.inner.array().square());
    add_transposed_product(w, w_context_, tape.inner, tape.dcontext);
    View ds = ws.zeros(w_state_.cols, d.cols());
    add_transposed_product(w, w_state_, tape.inner, ds);
    cells_.output_backward(ds, tape);
  }

  std::unique_ptr<Attention> attention_;
  DecoderRows rows_;
  CellStack cells_;
  Slot w_context_, w_state_, w_feed_;
  Index fed_ = 0;  // where the rows of ĥ begin
};

}  // namespace

std::unique_ptr<Decoder> make_luong_decoder(Layout& layout, const ModelConfig& config,
                                            const EncoderOutputRows& memory) {
  return std::make_unique<Luong>(layout, config, memory);
}

}  // namespace attn
