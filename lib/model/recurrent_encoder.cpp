// A bidirectional recurrent encoder of one or more layers (Bahdanau et al. 2015, 3.2 and A.1.1):
//   h_j = [→h_j; ←h_j]
// The first layer reads the embeddings of the words, which both directions share; each other layer
// reads the h_j of the layer below and, with residual connections, adds them to its own.
#include "model/recurrent_encoder.h"

#include "base/profile.h"
#include "model/model_config.h"
#include "nn/embedding.h"
#include "nn/rnn.h"

namespace attn {
namespace {

class RecurrentEncoder : public Encoder {
 public:
  RecurrentEncoder(Layout& layout, const ModelConfig& config, Index vocabulary)
      : embedding_(Scope(layout) / "source", "source.embedding", vocabulary, config.embedding_size,
                   config.dropout.embedding),
        memory_dropout_("encoder.memory", config.dropout.memory),
        hidden_(config.hidden_size),
        residual_(config.residual) {
    const MakeCell make = cells().at(config.cell);
    for (Index l = 0; l < config.encoder.layers; ++l) {
      const Scope at = Scope(layout) / "encoder" / l;
      const CellSizes sizes{l == 0 ? config.embedding_size : 2 * hidden_, hidden_,
                            config.layer_norm};
      layers_.push_back(
          {Rnn(at / "forward", make, sizes, Direction::forward),
           Rnn(at / "backward", make, sizes, Direction::backward),
           Dropout("encoder." + std::to_string(l), l == 0 ? 0 : config.dropout.layer)});
    }
  }

  EncoderOutputRows rows() const override { return {2 * hidden_, hidden_, hidden_}; }
  Slot embedding() const override { return embedding_.table(); }
  // A layer holds the saved activations of both directions, its output and the output's gradient.
  Index numbers_per_token() const override {
    return 2 * embedding_.table().cols +
           static_cast<Index>(layers_.size()) * (2 * layers_[0].forward.saved_rows() + 4 * hidden_);
  }
  std::unique_ptr<Encoder::Saved> make_saved() const override {
    return std::make_unique<Saved>(layers_.size());
  }

  void forward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
               Encoder::Saved& base, EncoderOutput& memory, Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    auto& saved = static_cast<Saved&>(base);
    saved.clear();
    UniqueColumns x = embedding_.forward(w, batch.columns(), noise, ws);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      // The embeddings already have their own dropout.
      if (l > 0) layers_[l].dropout.apply(noise, batch.example_ids(), x.values);
      saved.inputs.push_back(x);
      const MatrixView h = layer_forward(w, layers_[l], batch.packing(), x, saved, ws);
      x = {h};
    }
    write_memory(batch, x.values, memory);
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), memory.values);
  }

  void backward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                Encoder::Saved& base, EncoderOutput& dmemory, WeightGradients g,
                Workspace& ws) const override {
    const Timed timed(Stage::encoder);
    auto& saved = static_cast<Saved&>(base);
    const auto scope = ws.scope();
    memory_dropout_.apply(noise, batch.example_ids_in_sentence_order(), dmemory.values);
    MatrixView dh = ws.take(2 * hidden_, batch.packing().columns());
    write_memory_backward(batch, dmemory, dh);
    for (std::size_t l = layers_.size(); l-- > 0;) {
      const Layer& layer = layers_[l];
      const MatrixView dx = layer_backward(w, layer, l, batch.packing(), dh, saved, g, ws);
      if (l > 0) layer.dropout.apply(noise, batch.example_ids(), dx);
      dh = dx;
    }
    embedding_.backward(batch.columns(), noise, dh, g);
  }

 private:
  struct Layer {
    Rnn forward, backward;
    Dropout dropout;  // dropout of its input
  };

  struct Saved : Encoder::Saved {
    explicit Saved(std::size_t layers) { inputs.reserve(layers), rnns.reserve(2 * layers); }
    void clear() { inputs.clear(), rnns.clear(); }
    std::vector<UniqueColumns> inputs;  // inputs of each layer
    std::vector<Rnn::Saved> rnns;       // forward and backward direction of each layer
  };

  MatrixView layer_forward(const Weights& w, const Layer& layer, const Packing& p,
                           const UniqueColumns& x, Saved& saved, Workspace& ws) const {
    const MatrixView h = ws.take(2 * hidden_, p.columns());
    const bool first = saved.rnns.empty();
    for (const Rnn* rnn : {&layer.forward, &layer.backward}) {
      auto& rnn_saved = saved.rnns.emplace_back(*rnn, p.columns(), ws);
      rnn->forward(w, p, x, rnn_saved, ws);
      copy(rnn_saved.state.row_range(0, hidden_),
           h.row_range(rnn == &layer.forward ? 0 : hidden_, hidden_));
    }
    if (residual_ && !first) add(x.values, h);
    return h;
  }

  MatrixView layer_backward(const Weights& w, const Layer& layer, std::size_t l, const Packing& p,
                            MatrixView dh, Saved& saved, WeightGradients g, Workspace& ws) const {
    const UniqueColumns& x = saved.inputs[l];
    MatrixView dx = ws.zeros(x.values.rows(), x.values.cols());
    if (residual_ && l > 0) copy(dh, dx);
    for (const Rnn* rnn : {&layer.forward, &layer.backward}) {
      const bool forward = rnn == &layer.forward;
      Rnn::Saved& rnn_saved = saved.rnns[2 * l + (forward ? 0 : 1)];
      copy(dh.row_range(forward ? 0 : hidden_, hidden_), rnn_saved.dstate.row_range(0, hidden_));
      rnn->backward(w, p, x, rnn_saved, ws, g, dx);
    }
    return dx;
  }

  void write_memory(const SourceBatch& batch, MatrixView h, EncoderOutput& memory) const {
    const IndexSpan order(batch.sentence_order());
    for (Index j = 0; j < h.cols(); ++j)
      std::copy_n(h.col(j), h.rows(), memory.values.col(order[j]));
    for (Index b = 0; b < batch.sources(); ++b) {
      std::copy_n(h.col(batch.first(b)) + hidden_, hidden_, memory.first.col(b));
      std::copy_n(h.col(batch.last(b)), hidden_, memory.last.col(b));
    }
  }

  void write_memory_backward(const SourceBatch& batch, const EncoderOutput& dmemory,
                             MatrixView dh) const {
    const IndexSpan order(batch.sentence_order());
    for (Index j = 0; j < dh.cols(); ++j)
      std::copy_n(dmemory.values.col(order[j]), dh.rows(), dh.col(j));
    for (Index b = 0; b < batch.sources(); ++b) {
      add(hidden_, dmemory.first.col(b), dh.col(batch.first(b)) + hidden_);
      add(hidden_, dmemory.last.col(b), dh.col(batch.last(b)));
    }
  }

  InputEmbedding embedding_;
  Dropout memory_dropout_;
  std::vector<Layer> layers_;
  Index hidden_;
  bool residual_;
};

}  // namespace

std::unique_ptr<Encoder> make_recurrent_encoder(Layout& layout, const ModelConfig& config,
                                                Index vocabulary) {
  return std::make_unique<RecurrentEncoder>(layout, config, vocabulary);
}

}  // namespace attn
