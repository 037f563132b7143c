// Encoders with layers of self-attention (model/transformer_layers) on top, which give the h_j.
//   self_attention             x_j = √m E w_j + p_j                (Vaswani et al. 2017, 3.4
//   and 3.5)
//                              with W E w_j + b in place of E w_j where E has not the size of h_j;
//                              the decoder starts from the mean of the h_j: there is no ←h_1
//   recurrent_transformer   x_j = [→h_j; ←h_j] of a recurrent encoder, which knows the order;
//   the
//                              decoder starts from its ←h_1         (as Chen et al. 2018 cascade
//                              them)
// Numbers stand in sentence order.
#include "model/transformer_encoder.h"

#include <cmath>
#include <optional>

#include "base/profile.h"
#include "model/model_config.h"
#include "model/recurrent_encoder.h"
#include "model/transformer_layers.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/positional_encoding.h"

namespace attn {
namespace {

SentenceColumns sentences_of(const SourceBatch& batch, const DropoutContext& noise) {
  return {batch.begins(), batch.example_ids_in_sentence_order(), noise};
}

class TransformerEncoder : public Encoder {
 public:
  TransformerEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : size_(2 * config.hidden_size),
        scale_(std::sqrt(static_cast<Real>(config.embedding_size))),
        embedding_(Scope(layout) / "source", vocabulary, config.embedding_size),
        embedding_dropout_("source.embedding", config.dropout.embedding),
        memory_dropout_("encoder.memory", config.dropout.memory) {
    const Scope at = Scope(layout) / "encoder";
    if (config.embedding_size != size_) input_.emplace(at / "input", config.embedding_size, size_);
    const PositionalEncodingKind& kind =
        attn::positional_encodings().at(config.encoder.positional_encoding);
    if (kind.make) positions_ = kind.make(at, size_, config.encoder.max_positions);
    layers_ = std::make_unique<TransformerLayers>(
        at, config, size_, kind.relative ? config.encoder.max_relative_position : 0);
  }

  EncoderOutputRows rows() const override { return {size_, size_, 0}; }
  Slot embedding() const override { return embedding_.table(); }
  Index numbers_per_token() const override {
    return 2 * (embedding_.table().cols + size_) + layers_->numbers_per_token();
  }
  std::unique_ptr<Encoder::Tape> make_saved() const override {
    return std::make_unique<Tape>(*layers_);
  }

  void forward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
               Encoder::Tape& tape_base, EncoderOutput& memory, Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    auto& tape = static_cast<Tape&>(tape_base);
    const View x = embed(w, batch, tape, ws);
    embedding_dropout_.apply(noise, batch.example_ids_in_sentence_order(), x);
    memory.values = layers_->forward(w, sentences_of(batch, noise), x, tape.layers, ws);
    for (Index b = 0; b < batch.sentences(); ++b)
      memory.first.col(b) =
          columns(memory.values, memory.begin(b), memory.length(b)).rowwise().mean();
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), memory.values);
  }

  void backward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
                Encoder::Tape& tape_base, EncoderOutput& dmemory, Params& g,
                Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    const auto scope = ws.scope();
    auto& tape = static_cast<Tape&>(tape_base);
    View dx = dmemory.values;
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), dx);
    for (Index b = 0; b < batch.sentences(); ++b)
      columns(dx, dmemory.begin(b), dmemory.length(b)).colwise() +=
          dmemory.first.col(b) / static_cast<Real>(dmemory.length(b));
    layers_->backward(w, sentences_of(batch, noise), tape.layers, g, dx, ws);
    embedding_dropout_.apply(noise, batch.example_ids_in_sentence_order(), dx);
    embed_backward(w, batch, tape, dx, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Tape& tape) const override {
    return layers_->weights(static_cast<const Tape&>(tape).layers);
  }

 private:
  struct Tape : Encoder::Tape {
    explicit Tape(const TransformerLayers& l) : layers(l) {}
    std::vector<View> embedded;  // one: √m E w_j, where it is projected
    TransformerLayers::Tape layers;
  };

  View embed(const Params& w, const SourceBatch& batch, Tape& tape, Workspace& ws) const {
    const Index tokens = batch.packing().columns();
    tape.embedded.clear();
    View x = ws.take(embedding_.table().cols, tokens);
    embedding_.forward(w, batch.ids_in_sentence_order(), x);
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
    embedding_.backward(batch.ids_in_sentence_order(), dx, g);
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
  std::unique_ptr<PositionalEncoding> positions_;
  std::unique_ptr<TransformerLayers> layers_;
};

class RecurrentSelfAttentionEncoder : public Encoder {
 public:
  RecurrentSelfAttentionEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : recurrent_(make_recurrent_encoder(layout, below(config), vocabulary)),
        layers_(Scope(layout) / "encoder" / "self_attention", config, recurrent_->rows().values, 0),
        memory_dropout_("encoder.memory", config.dropout.memory) {}

  EncoderOutputRows rows() const override {
    const EncoderOutputRows of = recurrent_->rows();
    return {of.values, of.first, 0};
  }
  Slot embedding() const override { return recurrent_->embedding(); }
  Index numbers_per_token() const override {
    return recurrent_->numbers_per_token() + recurrent_->rows().values +
           layers_.numbers_per_token();
  }
  std::unique_ptr<Encoder::Tape> make_saved() const override {
    return std::make_unique<Tape>(recurrent_->make_saved(), layers_);
  }

  void forward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
               Encoder::Tape& tape_base, EncoderOutput& memory, Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    auto& tape = static_cast<Tape&>(tape_base);
    EncoderOutput states =
        of_recurrent(memory, ws.take(memory.values.rows(), memory.values.cols()), ws);
    recurrent_->forward(w, batch, noise, *tape.recurrent, states, ws);
    memory.values = layers_.forward(w, sentences_of(batch, noise), states.values, tape.layers, ws);
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), memory.values);
  }

  void backward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
                Encoder::Tape& tape_base, EncoderOutput& dmemory, Params& g,
                Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    const auto scope = ws.scope();
    auto& tape = static_cast<Tape&>(tape_base);
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), dmemory.values);
    layers_.backward(w, sentences_of(batch, noise), tape.layers, g, dmemory.values, ws);
    EncoderOutput dstates = of_recurrent(dmemory, dmemory.values, ws);
    dstates.last.setZero();
    recurrent_->backward(w, batch, noise, *tape.recurrent, dstates, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Tape& tape) const override {
    return layers_.weights(static_cast<const Tape&>(tape).layers);
  }

 private:
  struct Tape : Encoder::Tape {
    Tape(std::unique_ptr<Encoder::Tape> r, const TransformerLayers& l)
        : recurrent(std::move(r)), layers(l) {}
    std::unique_ptr<Encoder::Tape> recurrent;
    TransformerLayers::Tape layers;
  };

  // Of the recurrent encoder: its states go nowhere but to the layers above.
  static ModelConfig below(ModelConfig config) {
    config.encoder.layers = config.encoder.recurrent_layers;
    config.dropout.memory = 0;
    return config;
  }
  // What the recurrent encoder gives; of it the decoder sees the first alone.
  EncoderOutput of_recurrent(const EncoderOutput& memory, const View& values, Workspace& ws) const {
    EncoderOutput of = memory;
    new (&of.values) View(values);
    new (&of.last) View(ws.take(recurrent_->rows().last, memory.sentences()));
    return of;
  }

  std::unique_ptr<Encoder> recurrent_;
  TransformerLayers layers_;
  Dropout memory_dropout_;
};

}  // namespace

std::unique_ptr<Encoder> make_transformer_encoder(Layout& layout, const ModelConfig& config,
                                                  Index vocabulary) {
  return std::make_unique<TransformerEncoder>(layout, config, vocabulary);
}

std::unique_ptr<Encoder> make_recurrent_transformer_encoder(Layout& layout,
                                                            const ModelConfig& config,
                                                            Index vocabulary) {
  return std::make_unique<RecurrentSelfAttentionEncoder>(layout, config, vocabulary);
}

}  // namespace attn
