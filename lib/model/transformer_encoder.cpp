// Encoders with Transformer layers on top (model/transformer_layers), which compute the h_j from
//   transformer            x_j = √m E w_j + p_j         (Vaswani et al. 2017, 3.4 and 3.5)
//   recurrent_transformer  x_j = [→h_j; ←h_j]           (Chen et al. 2018, cascaded encoder)
// If the embedding size m is not the size of h_j, √m E w_j is projected to that size. There is no
// ←h_1 in a Transformer: its decoder starts from the mean of the h_j. In a recurrent_transformer,
// the decoder starts from the ←h_1 of the recurrent layers, which also provide the order of the
// words. Columns are in sentence order.
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

// The base class of both encoders: the Transformer layers and all computations after them.
class TransformerEncoderBase : public Encoder {
 public:
  void forward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
               Encoder::Saved& base, EncoderOutput& memory, Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    auto& saved = static_cast<Saved&>(base);
    const MatrixView x = input_forward(w, batch, noise, saved, memory, ws);
    copy(layers_->forward(w, sentences_of(batch, noise), x, saved.layers, ws), memory.values);
    if (start_ == Start::mean)
      for (Index b = 0; b < batch.sources(); ++b)
        memory.first.columns(b, 1).map() =
            memory.values.columns(memory.begin(b), memory.length(b)).map().rowwise().mean();
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), memory.values);
  }

  void backward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                Encoder::Saved& base, EncoderOutput& dmemory, WeightGradients g,
                Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    const auto scope = ws.scope();
    auto& saved = static_cast<Saved&>(base);
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), dmemory.values);
    if (start_ == Start::mean)
      for (Index b = 0; b < batch.sources(); ++b)
        dmemory.values.columns(dmemory.begin(b), dmemory.length(b)).map().colwise() +=
            dmemory.first.map().col(b) / static_cast<Real>(dmemory.length(b));
    layers_->backward(w, sentences_of(batch, noise), saved.layers, g, dmemory.values, ws);
    input_backward(w, batch, noise, saved, dmemory, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Saved& saved) const override {
    return layers_->weights(static_cast<const Saved&>(saved).layers);
  }

 protected:
  struct Saved : Encoder::Saved {
    explicit Saved(const TransformerLayers& l) : layers(l) {}
    TransformerLayers::Saved layers;
  };
  enum class Start { mean, recurrent };  // the source of EncoderOutput::first

  TransformerEncoderBase(const ModelConfig& config, Start start)
      : start_(start), memory_dropout_("encoder.memory", config.dropout.memory) {}

  void set_layers(std::unique_ptr<TransformerLayers> layers) { layers_ = std::move(layers); }
  const TransformerLayers& layers() const { return *layers_; }

 private:
  // Returns the x_j. With Start::recurrent, also computes memory.first.
  virtual MatrixView input_forward(const Weights& w, const SourceBatch& batch,
                                   const DropoutContext& noise, Saved& saved, EncoderOutput& memory,
                                   Workspace& ws) const = 0;
  // Adds the gradients of the parameters to g, given the gradient of the x_j in dmemory.values.
  virtual void input_backward(const Weights& w, const SourceBatch& batch,
                              const DropoutContext& noise, Saved& saved, EncoderOutput& dmemory,
                              WeightGradients g, Workspace& ws) const = 0;

  Start start_;
  Dropout memory_dropout_;
  std::unique_ptr<TransformerLayers> layers_;
};

class TransformerEncoder : public TransformerEncoderBase {
 public:
  TransformerEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : TransformerEncoderBase(config, Start::mean),
        size_(2 * config.hidden_size),
        scale_(std::sqrt(static_cast<Real>(config.embedding_size))),
        embedding_(Scope(layout) / "source", vocabulary, config.embedding_size),
        embedding_dropout_("source.embedding", config.dropout.embedding) {
    const Scope at = Scope(layout) / "encoder";
    if (config.embedding_size != size_) input_.emplace(at / "input", config.embedding_size, size_);
    const PositionalEncodingKind& kind =
        attn::positional_encodings().at(config.encoder.positional_encoding);
    if (kind.make) positions_ = kind.make(at, size_, config.encoder.max_positions);
    set_layers(std::make_unique<TransformerLayers>(
        at, config, size_, kind.is_relative ? config.encoder.max_relative_position : 0));
  }

  EncoderOutputRows rows() const override { return {size_, size_, 0}; }
  Slot embedding() const override { return embedding_.table(); }
  Index numbers_per_token() const override {
    return 2 * (embedding_.table().cols + size_) + layers().numbers_per_token();
  }
  std::unique_ptr<Encoder::Saved> make_saved() const override {
    return std::make_unique<EmbeddingSaved>(layers());
  }

 private:
  struct EmbeddingSaved : Saved {
    using Saved::Saved;
    std::vector<MatrixView> embedded;  // one element, √m E w_j, if there is a projection
  };

  MatrixView input_forward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                           Saved& base, EncoderOutput&, Workspace& ws) const override {
    auto& saved = static_cast<EmbeddingSaved&>(base);
    const Index tokens = batch.packing().columns();
    saved.embedded.clear();
    MatrixView x = ws.take(embedding_.table().cols, tokens);
    embedding_.forward(w, batch.ids_in_sentence_order(), x);
    x.map() *= scale_;
    if (input_) {
      saved.embedded.push_back(x);
      x = ws.take(size_, tokens);
      input_->forward(w, saved.embedded[0], x);
    }
    if (positions_) add_positions(w, batch, x, ws);
    embedding_dropout_.apply(noise, batch.example_ids_in_sentence_order(), x);
    return x;
  }

  void input_backward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                      Saved& base, EncoderOutput& dmemory, WeightGradients g,
                      Workspace& ws) const override {
    auto& saved = static_cast<EmbeddingSaved&>(base);
    MatrixView dx = dmemory.values;
    embedding_dropout_.apply(noise, batch.example_ids_in_sentence_order(), dx);
    if (positions_) positions_backward(batch, dx, g, ws);
    if (input_) {
      input_->accumulate(saved.embedded[0], dx, g);
      const MatrixView d = ws.zeros(embedding_.table().cols, dx.cols());
      input_->backward(w, dx, d);
      dx = d;
    }
    dx.map() *= scale_;
    embedding_.backward(batch.ids_in_sentence_order(), dx, g);
  }

  void add_positions(const Weights& w, const SourceBatch& batch, MatrixView x,
                     Workspace& ws) const {
    MatrixView p = ws.take(size_, batch.packing().steps());
    positions_->vectors(w, p);
    const SentenceColumns s = sentences_of(batch, {});
    for (Index b = 0; b < s.sentences(); ++b)
      add(p.columns(0, s.length(b)), x.columns(s.begin(b), s.length(b)));
  }
  void positions_backward(const SourceBatch& batch, MatrixView dx, WeightGradients g,
                          Workspace& ws) const {
    MatrixView dp = ws.zeros(size_, batch.packing().steps());
    const SentenceColumns s = sentences_of(batch, {});
    for (Index b = 0; b < s.sentences(); ++b)
      add(dx.columns(s.begin(b), s.length(b)), dp.columns(0, s.length(b)));
    positions_->backward(dp, g);
  }

  Index size_;
  Real scale_;
  Embedding embedding_;
  Dropout embedding_dropout_;
  std::optional<Linear> input_;
  std::unique_ptr<PositionalEncoding> positions_;
};

class RecurrentTransformerEncoder : public TransformerEncoderBase {
 public:
  RecurrentTransformerEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : TransformerEncoderBase(config, Start::recurrent),
        recurrent_(make_recurrent_encoder(layout, recurrent_config(config), vocabulary)) {
    set_layers(std::make_unique<TransformerLayers>(Scope(layout) / "encoder" / "self_attention",
                                                   config, recurrent_->rows().values, 0));
  }

  EncoderOutputRows rows() const override {
    const EncoderOutputRows recurrent = recurrent_->rows();
    return {recurrent.values, recurrent.first, 0};
  }
  Slot embedding() const override { return recurrent_->embedding(); }
  Index numbers_per_token() const override {
    return recurrent_->numbers_per_token() + recurrent_->rows().values +
           layers().numbers_per_token();
  }
  std::unique_ptr<Encoder::Saved> make_saved() const override {
    return std::make_unique<RecurrentSaved>(recurrent_->make_saved(), layers());
  }

 private:
  struct RecurrentSaved : Saved {
    RecurrentSaved(std::unique_ptr<Encoder::Saved> r, const TransformerLayers& l)
        : Saved(l), recurrent(std::move(r)) {}
    std::unique_ptr<Encoder::Saved> recurrent;
  };

  MatrixView input_forward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                           Saved& base, EncoderOutput& memory, Workspace& ws) const override {
    auto& saved = static_cast<RecurrentSaved&>(base);
    EncoderOutput states =
        recurrent_output(memory, ws.take(memory.values.rows(), memory.values.cols()), ws);
    recurrent_->forward(w, batch, noise, *saved.recurrent, states, ws);
    return states.values;
  }

  void input_backward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                      Saved& base, EncoderOutput& dmemory, WeightGradients g,
                      Workspace& ws) const override {
    auto& saved = static_cast<RecurrentSaved&>(base);
    EncoderOutput dstates = recurrent_output(dmemory, dmemory.values, ws);
    dstates.last.set_zero();
    recurrent_->backward(w, batch, noise, *saved.recurrent, dstates, g, ws);
  }

  // Returns the config of the recurrent encoder. Only the Transformer layers read its states, so it
  // has no memory dropout.
  static ModelConfig recurrent_config(ModelConfig config) {
    config.encoder.layers = config.encoder.recurrent_layers;
    config.dropout.memory = 0;
    return config;
  }
  // Returns an output of the recurrent encoder that shares only `first` with `memory`.
  EncoderOutput recurrent_output(const EncoderOutput& memory, MatrixView values,
                                 Workspace& ws) const {
    EncoderOutput out = memory;
    out.values = values;
    out.last = ws.take(recurrent_->rows().last, memory.sources());
    return out;
  }

  std::unique_ptr<Encoder> recurrent_;
};

}  // namespace

std::unique_ptr<Encoder> make_transformer_encoder(Layout& layout, const ModelConfig& config,
                                                  Index vocabulary) {
  return std::make_unique<TransformerEncoder>(layout, config, vocabulary);
}

std::unique_ptr<Encoder> make_recurrent_transformer_encoder(Layout& layout,
                                                            const ModelConfig& config,
                                                            Index vocabulary) {
  return std::make_unique<RecurrentTransformerEncoder>(layout, config, vocabulary);
}

}  // namespace attn
