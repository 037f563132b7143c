// The decoder of Bahdanau, Cho and Bengio (2015), A.1.2 and A.2.2:
//   s_0 = tanh(W_s ←h_1 + b)
//   c_i = Σ_j α_ij h_j, α from the score of s_{i−1} and h_j
//   s_i = cell(E y_{i−1}, s_{i−1}, c_i):  a = W E y_{i−1} + b + C c_i
//   t_i = readout(s_{i−1} or s_i, E y_{i−1}, c_i)
// With several layers the context enters the first, the top layer's state is the query, and a layer
// reads the output of the one below: its state or, with residual connections and from the second
// layer on, its state plus its input.
//
// Rows of the state, gates and cache: [layer 0; …; layer L − 1].
#include "model/bahdanau.h"

#include "math/elementary.h"
#include "model/config.h"
#include "nn/cell.h"
#include "nn/linear.h"
#include "nn/readout.h"

namespace attn {
namespace {

class Bahdanau : public Decoder {
 public:
  Bahdanau(Layout& layout, const ModelConfig& config, Index memory_rows)
      : n_(config.hidden_size),
        residual_(config.residual),
        reads_previous_(config.decoder.readout_state == "previous"),
        attention_(attention_of(layout, config, memory_rows)),
        readout_(
            Scope(layout) / "readout",
            {n_, config.embedding_size, attention_->context_rows(), config.decoder.readout_size},
            activations().at(config.decoder.readout)) {
    const Scope at = Scope(layout) / "decoder";
    for (Index l = 0; l < config.decoder.layers; ++l) {
      start_.emplace_back(at / "start" / l, n_, n_);
      layers_.push_back({cells().at(config.cell)(at / l, l == 0 ? config.embedding_size : n_, n_),
                         Dropout("decoder." + std::to_string(l), l == 0 ? 0 : config.dropout.layer),
                         rows_.state, rows_.gates, rows_.cache});
      rows_.state += layers_.back().cell->state_rows();
      rows_.gates += layers_.back().cell->gate_rows();
      rows_.cache += layers_.back().cell->cache_rows();
    }
    const Index gates = layers_[0].cell->gate_rows();
    w_context_ = (at / 0).matrix("w_c", gates, attention_->context_rows(), Role::input, gates / n_);
    rows_.inputs = n_ * (config.decoder.layers - 1);
    rows_.output = sums_output() ? n_ : 0;
    rows_.query = attention_->query_rows();
    rows_.context = attention_->context_rows();
    rows_.inner = readout_.inner_rows();
    rows_.readout = readout_.rows();
  }

  const DecoderRows& rows() const override { return rows_; }
  const Attention& attention() const override { return *attention_; }

  void start(const Params& w, const Memory& memory, Out state) const override {
    state.setZero();
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      auto h = state.middleRows(layers_[l].state, n_);
      start_[l].forward(w, memory.first, h);
      for (Index j = 0; j < h.cols(); ++j)
        for (Real& x : column(h, j)) x = fast_tanh(x);
    }
  }

  void start_backward(const Params& w, const Memory& memory, In state, Out dstate, Params& g,
                      Memory& dmemory) const override {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      auto dh = dstate.middleRows(layers_[l].state, n_);
      dh.array() *= Real(1) - state.middleRows(layers_[l].state, n_).array().square();
      start_[l].backward(w, dh, dmemory.first);
      start_[l].accumulate(memory.first, dh, g);
    }
  }

  void project(const Params& w, In embedded, DecoderTape& tape) const override {
    layers_[0].cell->project(w, embedded, gates(tape, 0));
  }

  void step(const Params& w, const StepContext& context, DecoderTape& tape) const override {
    attention_->step(w, context.memory, context.reading, top(tape.prev), tape.query, tape.context);
    add_product(w, w_context_, tape.context, gates(tape, 0));
    cell_step(w, 0, tape);
    for (std::size_t l = 1; l < layers_.size(); ++l) {
      View x = input(tape.inputs, l);
      write_output(tape, l - 1, x);
      layers_[l].dropout.apply(context.noise, context.places, x);
      layers_[l].cell->project(w, x, gates(tape, l));
      cell_step(w, l, tape);
    }
    if (sums_output()) write_output(tape, layers_.size() - 1, tape.output);
  }

  void step_backward(const Params& w, const StepContext& context, DecoderTape& tape, Params& g,
                     Memory& dmemory, Workspace& ws) const override {
    for (std::size_t l = layers_.size() - 1; l > 0; --l) {
      cell_step_backward(w, l, tape);
      View dx = input(tape.dinputs, l);
      layers_[l].cell->input_backward(w, gates(tape, l), dx);
      layers_[l].dropout.apply(context.noise, context.places, dx);
      add_output_gradient(dx, l - 1, tape);
    }
    cell_step_backward(w, 0, tape);
    add_transposed_product(w, w_context_, gates(tape, 0), tape.dcontext);
    attention_->step_backward(w, context.memory, context.reading, tape.dcontext, tape.query, g,
                              dmemory, top(tape.dprev), ws);
  }

  void accumulate(const Params& w, const StepContext& context, const Packing& p, In embedded,
                  const DecoderTape& tape, Params& g, Memory& dmemory, Out dembedded,
                  Workspace& ws) const override {
    layers_[0].cell->input_backward(w, gates(tape, 0), dembedded);
    add_outer_product(gates(tape, 0), tape.context, g, w_context_);
    layers_[0].cell->accumulate(embedded, state(tape.prev, 0), gates(tape, 0), cache(tape, 0), g);
    for (std::size_t l = 1; l < layers_.size(); ++l)
      layers_[l].cell->accumulate(input(tape.inputs, l), state(tape.prev, l), gates(tape, l),
                                  cache(tape, l), g);
    readout_.accumulate(readout_state(tape), embedded, tape.context, tape.inner, g);
    attention_->accumulate(w, context.memory, p, context.reading, top(tape.prev), tape.query,
                           tape.dcontext, g, dmemory, ws);
  }

  void readout(const Params& w, In embedded, DecoderTape& tape) const override {
    readout_.forward(w, readout_state(tape), embedded, tape.context, tape.inner, tape.readout);
  }

  void readout_backward(const Params& w, In dreadout, DecoderTape& tape,
                        Out dembedded) const override {
    View ds = top(reads_previous_ ? tape.dprev : tape.dstate);
    readout_.backward(w, dreadout, tape.inner, ds, dembedded, tape.dcontext);
    if (sums_output()) input(tape.dinputs, layers_.size() - 1) += ds;
  }

 private:
  struct Layer {
    std::unique_ptr<Cell> cell;
    Dropout dropout;            // of its input
    Index state, gates, cache;  // where its rows begin
  };

  static std::unique_ptr<Attention> attention_of(Layout& layout, const ModelConfig& config,
                                                 Index memory_rows) {
    const Index size = config.attention.size > 0 ? config.attention.size : config.hidden_size;
    const ScoreSizes sizes{memory_rows, config.hidden_size, size};
    return make_attention(scores().at(config.attention.score)(Scope(layout) / "attention", sizes),
                          sizes);
  }

  // With residual connections a layer above the first gives its state plus its input.
  bool adds_input(std::size_t l) const { return residual_ && l > 0; }
  bool sums_output() const { return !reads_previous_ && adds_input(layers_.size() - 1); }

  View state(const View& m, std::size_t l) const {
    return attn::rows(m, layers_[l].state, layers_[l].cell->state_rows());
  }
  View h(const View& m, std::size_t l) const { return attn::rows(m, layers_[l].state, n_); }
  View top(const View& m) const { return h(m, layers_.size() - 1); }
  View input(const View& m, std::size_t l) const {
    return attn::rows(m, n_ * (static_cast<Index>(l) - 1), n_);
  }
  View gates(const DecoderTape& tape, std::size_t l) const {
    return attn::rows(tape.gates, layers_[l].gates, layers_[l].cell->gate_rows());
  }
  View cache(const DecoderTape& tape, std::size_t l) const {
    return attn::rows(tape.cache, layers_[l].cache, layers_[l].cell->cache_rows());
  }
  View readout_state(const DecoderTape& tape) const {
    if (reads_previous_) return top(tape.prev);
    return sums_output() ? tape.output : top(tape.state);
  }

  void write_output(const DecoderTape& tape, std::size_t l, Out output) const {
    output = h(tape.state, l);
    if (adds_input(l)) output += input(tape.inputs, l);
  }
  void add_output_gradient(In doutput, std::size_t l, DecoderTape& tape) const {
    h(tape.dstate, l) += doutput;
    if (adds_input(l)) input(tape.dinputs, l) += doutput;
  }

  void cell_step(const Params& w, std::size_t l, DecoderTape& tape) const {
    layers_[l].cell->step(w, state(tape.prev, l), gates(tape, l), state(tape.state, l),
                          cache(tape, l));
  }
  void cell_step_backward(const Params& w, std::size_t l, DecoderTape& tape) const {
    layers_[l].cell->step_backward(w, state(tape.prev, l), state(tape.dstate, l), gates(tape, l),
                                   cache(tape, l), state(tape.dprev, l));
  }

  Index n_;
  bool residual_, reads_previous_;
  std::unique_ptr<Attention> attention_;
  Readout readout_;
  std::vector<Linear> start_;
  std::vector<Layer> layers_;
  Slot w_context_;
  DecoderRows rows_;
};

}  // namespace

std::unique_ptr<Decoder> make_bahdanau_decoder(Layout& layout, const ModelConfig& config,
                                               Index memory_rows) {
  return std::make_unique<Bahdanau>(layout, config, memory_rows);
}

}  // namespace attn
