// Sources that are documents of several sentences: a bidirectional recurrent layer over the
// sentences' final states, from the words that any encoder gives (after Nallapati et al. 2016,
// 2.4):
//   x_s = [→h at the last word of s; ←h at its first],  h'_s = [→h'_s; ←h'_s]
// Of an encoder without directions the same halves of h_j.
#include "model/document_encoder.h"

#include "base/profile.h"
#include "model/model_config.h"
#include "nn/rnn.h"

namespace attn {
namespace {

constexpr Index kWordsOfSentence = 10;  // for the estimate of what a word needs

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
           (2 * forward_.saved_rows() + 6 * hidden_) / kWordsOfSentence;
  }
  std::unique_ptr<Encoder::Tape> make_saved() const override {
    return std::make_unique<Tape>(words_->make_saved());
  }

  void forward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
               Encoder::Tape& tape_base, EncoderOutput& memory, Workspace& ws) const override {
    auto& tape = static_cast<Tape&>(tape_base);
    words_->forward(w, batch, noise, *tape.words, memory, ws);
    const Timed timed(Stage::encoder);
    const Sequences& segments = batch.segments();
    tape.clear();
    tape.input.push_back(ws.take(2 * hidden_, segments.packing().columns()));
    read(batch, memory.values, tape.input[0]);
    for (const Rnn* rnn : {&forward_, &backward_}) {
      auto& record = tape.rnns.emplace_back(*rnn, segments.packing().columns(), ws);
      rnn->forward(w, segments.packing(), {tape.input[0]}, record, ws);
      const View h = half(memory.segments.values, *rnn);
      for (Index j = 0; j < h.cols(); ++j)
        View(h).col(at(segments.sentence_order(), j)) = record.state.col(j).topRows(hidden_);
    }
    drop(noise, batch, memory.segments.values);
  }

  void backward(const Params& w, const SourceBatch& batch, const DropoutContext& noise,
                Encoder::Tape& tape_base, EncoderOutput& dmemory, Params& g,
                Workspace& ws) const override {
    auto& tape = static_cast<Tape&>(tape_base);
    {
      const Timed timed(Stage::encoder);
      const auto scope = ws.scope();
      const Sequences& segments = batch.segments();
      drop(noise, batch, dmemory.segments.values);
      const View dx = ws.zeros(2 * hidden_, segments.packing().columns());
      for (const Rnn* rnn : {&forward_, &backward_}) {
        auto& record = tape.rnns[rnn == &forward_ ? 0 : 1];
        const View dh = half(dmemory.segments.values, *rnn);
        for (Index j = 0; j < dh.cols(); ++j)
          record.dstate.col(j).topRows(hidden_) = dh.col(at(segments.sentence_order(), j));
        rnn->backward(w, segments.packing(), {tape.input[0]}, record, ws, g, dx);
      }
      read_backward(batch, dx, dmemory.values);
    }
    words_->backward(w, batch, noise, *tape.words, dmemory, g, ws);
  }

  std::vector<std::vector<Mat>> attention(const Encoder::Tape& tape) const override {
    return words_->attention(*static_cast<const Tape&>(tape).words);
  }

 private:
  struct Tape : Encoder::Tape {
    explicit Tape(std::unique_ptr<Encoder::Tape> w) : words(std::move(w)) { rnns.reserve(2); }
    void clear() { input.clear(), rnns.clear(); }
    std::unique_ptr<Encoder::Tape> words;
    std::vector<View> input;  // one
    std::vector<Rnn::Tape> rnns;
  };

  static Rnn layer(Layout& layout, const ModelConfig& config, Direction direction) {
    const Scope in = Scope(layout) / "encoder" / "sentences";
    const Index n = config.hidden_size;
    return Rnn(in / (direction == Direction::forward ? "forward" : "backward"),
               cells().at(config.cell), {2 * n, n, config.layer_norm}, direction);
  }
  static Index at(std::span<const Index> columns, Index j) {
    return columns[static_cast<std::size_t>(j)];
  }
  View half(const View& m, const Rnn& rnn) const {
    return attn::rows(m, &rnn == &forward_ ? 0 : hidden_, hidden_);
  }

  // Each part's x, in the segments' step order.
  void read(const SourceBatch& batch, const View& values, View x) const {
    for (Index j = 0; j < x.cols(); ++j) {
      const Index part = at(batch.segments().sentence_order(), j);
      x.col(j).topRows(hidden_) =
          values.col(at(batch.segment_begins(), part + 1) - 1).topRows(hidden_);
      x.col(j).bottomRows(hidden_) =
          values.col(at(batch.segment_begins(), part)).bottomRows(hidden_);
    }
  }
  void read_backward(const SourceBatch& batch, const View& dx, View dvalues) const {
    for (Index j = 0; j < dx.cols(); ++j) {
      const Index part = at(batch.segments().sentence_order(), j);
      dvalues.col(at(batch.segment_begins(), part + 1) - 1).topRows(hidden_) +=
          dx.col(j).topRows(hidden_);
      dvalues.col(at(batch.segment_begins(), part)).bottomRows(hidden_) +=
          dx.col(j).bottomRows(hidden_);
    }
  }

  // A part's place in the update is that of its first word.
  void drop(const DropoutContext& noise, const SourceBatch& batch, View values) const {
    for (Index part = 0; part < values.cols(); ++part) {
      const auto word = static_cast<std::size_t>(at(batch.segment_begins(), part));
      dropout_.apply(noise, batch.example_ids_in_sentence_order().subspan(word, 1),
                     columns(values, part, 1));
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
