// The encoder of documents (after Nallapati et al. 2016, 2.4): a bidirectional recurrent layer over
// the segments (sentences) of each source, on top of any encoder of words:
//   x_s = [→h at the last word of s; ←h at the first word of s],  h'_s = [→h'_s; ←h'_s]
// If the word encoder has no directions, →h and ←h are the first and the second half of h_j.
#include "model/document_encoder.h"

#include "base/profile.h"
#include "model/model_config.h"
#include "nn/rnn.h"

namespace attn {
namespace {

constexpr Index kWordsPerSegment = 10;  // for the estimate of numbers_per_token

class DocumentEncoder : public Encoder {
 public:
  DocumentEncoder(Layout& layout, const ModelConfig& config, std::unique_ptr<Encoder> words)
      : words_(std::move(words)),
        hidden_(config.hidden_size),
        forward_(layer(layout, config, Direction::forward)),
        backward_(layer(layout, config, Direction::backward)),
        dropout_("encoder.sentences", config.dropout.memory) {}

  EncoderOutputRows rows() const override {
    EncoderOutputRows rows = words_->rows();
    rows.segments = 2 * hidden_;
    return rows;
  }
  Slot embedding() const override { return words_->embedding(); }
  Index numbers_per_token() const override {
    return words_->numbers_per_token() +
           (2 * forward_.saved_rows() + 6 * hidden_) / kWordsPerSegment;
  }
  std::unique_ptr<Encoder::Saved> make_saved() const override {
    return std::make_unique<Saved>(words_->make_saved());
  }

  void forward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
               Encoder::Saved& base, EncoderOutput& memory, Workspace& ws) const override {
    auto& saved = static_cast<Saved&>(base);
    words_->forward(w, batch, noise, *saved.words, memory, ws);
    const Timed timed(Stage::encoder);
    const Sequences& segments = batch.segments();
    saved.clear();
    saved.input.push_back(ws.take(2 * hidden_, segments.packing().columns()));
    gather_states(batch, memory.values, saved.input[0]);
    for (const Rnn* rnn : {&forward_, &backward_}) {
      auto& rnn_saved = saved.rnns.emplace_back(*rnn, segments.packing().columns(), ws);
      rnn->forward(w, segments.packing(), {saved.input[0]}, rnn_saved, ws);
      const MatrixView h = half(memory.segments.values, *rnn);
      for (Index j = 0; j < h.cols(); ++j)
        std::copy_n(rnn_saved.state.col(j), hidden_, h.col(at(segments.sentence_order(), j)));
    }
    drop(noise, batch, memory.segments.values);
  }

  void backward(const Weights& w, const SourceBatch& batch, const DropoutContext& noise,
                Encoder::Saved& base, EncoderOutput& dmemory, WeightGradients g,
                Workspace& ws) const override {
    auto& saved = static_cast<Saved&>(base);
    {
      const Timed timed(Stage::encoder);
      const auto scope = ws.scope();
      const Sequences& segments = batch.segments();
      drop(noise, batch, dmemory.segments.values);
      const MatrixView dx = ws.zeros(2 * hidden_, segments.packing().columns());
      for (const Rnn* rnn : {&forward_, &backward_}) {
        auto& rnn_saved = saved.rnns[rnn == &forward_ ? 0 : 1];
        const MatrixView dh = half(dmemory.segments.values, *rnn);
        for (Index j = 0; j < dh.cols(); ++j)
          std::copy_n(dh.col(at(segments.sentence_order(), j)), hidden_, rnn_saved.dstate.col(j));
        rnn->backward(w, segments.packing(), {saved.input[0]}, rnn_saved, ws, g, dx);
      }
      gather_states_backward(batch, dx, dmemory.values);
    }
    words_->backward(w, batch, noise, *saved.words, dmemory, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Saved& saved) const override {
    return words_->attention(*static_cast<const Saved&>(saved).words);
  }

 private:
  struct Saved : Encoder::Saved {
    explicit Saved(std::unique_ptr<Encoder::Saved> w) : words(std::move(w)) { rnns.reserve(2); }
    void clear() { input.clear(), rnns.clear(); }
    std::unique_ptr<Encoder::Saved> words;
    std::vector<MatrixView> input;  // one element: x_s
    std::vector<Rnn::Saved> rnns;
  };

  static Rnn layer(Layout& layout, const ModelConfig& config, Direction direction) {
    const Scope in = Scope(layout) / "encoder" / "sentences";
    const Index n = config.hidden_size;
    return Rnn(in / (direction == Direction::forward ? "forward" : "backward"),
               cells().at(config.cell), {2 * n, n, config.layer_norm}, direction);
  }
  static Index at(IndexSpan<const Index> columns, Index j) { return columns[j]; }
  MatrixView half(MatrixView m, const Rnn& rnn) const {
    return m.row_range(&rnn == &forward_ ? 0 : hidden_, hidden_);
  }

  // Computes x_s of each segment; columns are in the segments' step order.
  void gather_states(const SourceBatch& batch, MatrixView values, MatrixView x) const {
    for (Index j = 0; j < x.cols(); ++j) {
      const Index segment = at(batch.segments().sentence_order(), j);
      const Real* last = values.col(at(batch.segment_begins(), segment + 1) - 1);
      const Real* first = values.col(at(batch.segment_begins(), segment));
      std::copy_n(last, hidden_, x.col(j));
      std::copy_n(first + values.rows() - hidden_, hidden_, x.col(j) + hidden_);
    }
  }
  void gather_states_backward(const SourceBatch& batch, MatrixView dx, MatrixView dvalues) const {
    for (Index j = 0; j < dx.cols(); ++j) {
      const Index segment = at(batch.segments().sentence_order(), j);
      Real* dlast = dvalues.col(at(batch.segment_begins(), segment + 1) - 1);
      Real* dfirst = dvalues.col(at(batch.segment_begins(), segment));
      add(hidden_, dx.col(j), dlast);
      add(hidden_, dx.col(j) + hidden_, dfirst + dvalues.rows() - hidden_);
    }
  }

  // Applies dropout. The example id of a segment is that of its first word.
  void drop(const DropoutContext& noise, const SourceBatch& batch, MatrixView values) const {
    for (Index segment = 0; segment < values.cols(); ++segment) {
      const Index word = at(batch.segment_begins(), segment);
      dropout_.apply(noise, IndexSpan(batch.example_ids_in_sentence_order()).subspan(word, 1),
                     values.columns(segment, 1));
    }
  }

  std::unique_ptr<Encoder> words_;
  Index hidden_;
  Rnn forward_, backward_;
  Dropout dropout_;
};

}  // namespace

std::unique_ptr<Encoder> make_document_encoder(Layout& layout, const ModelConfig& config,
                                               std::unique_ptr<Encoder> words) {
  return std::make_unique<DocumentEncoder>(layout, config, std::move(words));
}

}  // namespace attn
