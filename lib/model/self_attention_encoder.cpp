// Encoders with layers of self-attention (model/self_attention_layers) on top, which give the h_j.
//   self_attention             x_j = √m E w_j + p_j                (Vaswani et al. 2017, 3.4
//   and 3.5)
//                              with W E w_j + b in place of E w_j where E has not the size of h_j;
//                              the decoder starts from the mean of the h_j: there is no ←h_1
//   recurrent_self_attention   x_j = [→h_j; ←h_j] of a recurrent encoder, which knows the order;
//   the
//                              decoder starts from its ←h_1         (as Chen et al. 2018 cascade
//                              them)
// Numbers stand in sentence order.
#include "model/self_attention_encoder.h"

#include <cmath>
#include <optional>

#include "base/profile.h"
#include "model/config.h"
#include "model/recurrent_encoder.h"
#include "model/self_attention_layers.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/positions.h"

namespace attn {
namespace {

SentenceColumns sentences_of(const SourceBatch& batch, const Noise& noise) {
  return {batch.begins(), batch.places_at_home(), noise};
}

class SelfAttentionEncoder : public Encoder {
 public:
  SelfAttentionEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : size_(2 * config.hidden_size),
        scale_(std::sqrt(static_cast<Real>(config.embedding_size))),
        embedding_(Scope(layout) / "source", vocabulary, config.embedding_size),
        embedding_dropout_("source.embedding", config.dropout.embedding),
        memory_dropout_("encoder.memory", config.dropout.memory) {
    const Scope at = Scope(layout) / "encoder";
    if (config.embedding_size != size_) input_.emplace(at / "input", config.embedding_size, size_);
    const PositionKind& kind = attn::positions().at(config.encoder.positions);
    if (kind.make) positions_ = kind.make(at, size_, config.encoder.max_positions);
    layers_ = std::make_unique<SelfAttentionLayers>(
        at, config, size_, kind.relative ? config.encoder.relative_distance : 0);
  }

  MemoryRows rows() const override { return {size_, size_, 0}; }
  Slot embedding() const override { return embedding_.table(); }
  Index numbers_per_token() const override {
    return 2 * (embedding_.table().cols + size_) + layers_->numbers_per_token();
  }
  std::unique_ptr<Encoder::Tape> make_tape() const override {
    return std::make_unique<Tape>(*layers_);
  }

  void forward(const Params& w, const SourceBatch& batch, const Noise& noise,
               Encoder::Tape& tape_base, Memory& memory, Workspace& ws) const override {
    const Timed timed(Part::encoder);
    auto& tape = static_cast<Tape&>(tape_base);
    const View x = embed(w, batch, tape, ws);
    embedding_dropout_.apply(noise, batch.places_at_home(), x);
    memory.values = layers_->forward(w, sentences_of(batch, noise), x, tape.layers, ws);
    for (Index b = 0; b < batch.sentences(); ++b)
      memory.first.col(b) =
          columns(memory.values, memory.begin(b), memory.length(b)).rowwise().mean();
    memory_dropout_.apply(noise, batch.places_at_home(), memory.values);
  }

  void backward(const Params& w, const SourceBatch& batch, const Noise& noise,
                Encoder::Tape& tape_base, Memory& dmemory, Params& g,
                Workspace& ws) const override {
    const Timed timed(Part::encoder);
    const auto scope = ws.scope();
    auto& tape = static_cast<Tape&>(tape_base);
    View dx = dmemory.values;
    memory_dropout_.apply(noise, batch.places_at_home(), dx);
    for (Index b = 0; b < batch.sentences(); ++b)
      columns(dx, dmemory.begin(b), dmemory.length(b)).colwise() +=
          dmemory.first.col(b) / static_cast<Real>(dmemory.length(b));
    layers_->backward(w, sentences_of(batch, noise), tape.layers, g, dx, ws);
    embedding_dropout_.apply(noise, batch.places_at_home(), dx);
    embed_backward(w, batch, tape, dx, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Tape& tape) const override {
    return layers_->weights(static_cast<const Tape&>(tape).layers);
  }

 private:
  struct Tape : Encoder::Tape {
    explicit Tape(const SelfAttentionLayers& l) : layers(l) {}
    std::vector<View> embedded;  // one: √m E w_j, where it is projected
    SelfAttentionLayers::Tape layers;
  };

  View embed(const Params& w, const SourceBatch& batch, Tape& tape, Workspace& ws) const {
    const Index tokens = batch.packing().columns();
    tape.embedded.clear();
    View x = ws.take(embedding_.table().cols, tokens);
    embedding_.forward(w, batch.ids_at_home(), x);
    x *= scale_;
    if (input_) {
      tape.embedded.push_back(x);
      new (&x) View(ws.take(size_, tokens));
      input_->forward(w, tape.embedded[0], x);
    }
    if (positions_) add_positions(w, batch, x, ws);
    return x;
  }

  void embed_backward(const Params& w, const SourceBatch& batch, const Tape& tape, View dx,
                      Params& g, Workspace& ws) const {
    if (positions_) positions_backward(batch, dx, g, ws);
    if (input_) {
      input_->accumulate(tape.embedded[0], dx, g);
      const View d = ws.zeros(embedding_.table().cols, dx.cols());
      input_->backward(w, dx, d);
      new (&dx) View(d);
    }
    dx *= scale_;
    embedding_.backward(batch.ids_at_home(), dx, g);
  }

  void add_positions(const Params& w, const SourceBatch& batch, View x, Workspace& ws) const {
    View p = ws.take(size_, batch.packing().steps());
    positions_->vectors(w, p);
    const SentenceColumns s = sentences_of(batch, {});
    for (Index b = 0; b < s.sentences(); ++b)
      columns(x, s.begin(b), s.length(b)) += p.leftCols(s.length(b));
  }
  void positions_backward(const SourceBatch& batch, const View& dx, Params& g,
                          Workspace& ws) const {
    View dp = ws.zeros(size_, batch.packing().steps());
    const SentenceColumns s = sentences_of(batch, {});
    for (Index b = 0; b < s.sentences(); ++b)
      dp.leftCols(s.length(b)) += columns(dx, s.begin(b), s.length(b));
    positions_->backward(dp, g);
  }

  Index size_;
  Real scale_;
  Embedding embedding_;
  Dropout embedding_dropout_, memory_dropout_;
  std::optional<Linear> input_;
  std::unique_ptr<Positions> positions_;
  std::unique_ptr<SelfAttentionLayers> layers_;
};

class RecurrentSelfAttentionEncoder : public Encoder {
 public:
  RecurrentSelfAttentionEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : recurrent_(make_recurrent_encoder(layout, below(config), vocabulary)),
        layers_(Scope(layout) / "encoder" / "self_attention", config, recurrent_->rows().values, 0),
        memory_dropout_("encoder.memory", config.dropout.memory) {}

  MemoryRows rows() const override {
    const MemoryRows of = recurrent_->rows();
    return {of.values, of.first, 0};
  }
  Slot embedding() const override { return recurrent_->embedding(); }
  Index numbers_per_token() const override {
    return recurrent_->numbers_per_token() + recurrent_->rows().values +
           layers_.numbers_per_token();
  }
  std::unique_ptr<Encoder::Tape> make_tape() const override {
    return std::make_unique<Tape>(recurrent_->make_tape(), layers_);
  }

  void forward(const Params& w, const SourceBatch& batch, const Noise& noise,
               Encoder::Tape& tape_base, Memory& memory, Workspace& ws) const override {
    const Timed timed(Part::encoder);
    auto& tape = static_cast<Tape&>(tape_base);
    Memory states = of_recurrent(memory, ws.take(memory.values.rows(), memory.values.cols()), ws);
    recurrent_->forward(w, batch, noise, *tape.recurrent, states, ws);
    memory.values = layers_.forward(w, sentences_of(batch, noise), states.values, tape.layers, ws);
    memory_dropout_.apply(noise, batch.places_at_home(), memory.values);
  }

  void backward(const Params& w, const SourceBatch& batch, const Noise& noise,
                Encoder::Tape& tape_base, Memory& dmemory, Params& g,
                Workspace& ws) const override {
    const Timed timed(Part::encoder);
    const auto scope = ws.scope();
    auto& tape = static_cast<Tape&>(tape_base);
    memory_dropout_.apply(noise, batch.places_at_home(), dmemory.values);
    layers_.backward(w, sentences_of(batch, noise), tape.layers, g, dmemory.values, ws);
    Memory dstates = of_recurrent(dmemory, dmemory.values, ws);
    dstates.last.setZero();
    recurrent_->backward(w, batch, noise, *tape.recurrent, dstates, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Tape& tape) const override {
    return layers_.weights(static_cast<const Tape&>(tape).layers);
  }

 private:
  struct Tape : Encoder::Tape {
    Tape(std::unique_ptr<Encoder::Tape> r, const SelfAttentionLayers& l)
        : recurrent(std::move(r)), layers(l) {}
    std::unique_ptr<Encoder::Tape> recurrent;
    SelfAttentionLayers::Tape layers;
  };

  // Of the recurrent encoder: its states go nowhere but to the layers above.
  static ModelConfig below(ModelConfig config) {
    config.encoder.layers = config.encoder.recurrent_layers;
    config.dropout.memory = 0;
    return config;
  }
  // What the recurrent encoder gives; of it the decoder sees the first alone.
  Memory of_recurrent(const Memory& memory, const View& values, Workspace& ws) const {
    Memory of = memory;
    new (&of.values) View(values);
    new (&of.last) View(ws.take(recurrent_->rows().last, memory.sentences()));
    return of;
  }

  std::unique_ptr<Encoder> recurrent_;
  SelfAttentionLayers layers_;
  Dropout memory_dropout_;
};

}  // namespace

std::unique_ptr<Encoder> make_self_attention_encoder(Layout& layout, const ModelConfig& config,
                                                     Index vocabulary) {
  return std::make_unique<SelfAttentionEncoder>(layout, config, vocabulary);
}

std::unique_ptr<Encoder> make_recurrent_self_attention_encoder(Layout& layout,
                                                               const ModelConfig& config,
                                                               Index vocabulary) {
  return std::make_unique<RecurrentSelfAttentionEncoder>(layout, config, vocabulary);
}

}  // namespace attn
