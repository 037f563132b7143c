// The Scorer of one model.
#pragma once

#include "model/seq2seq.h"
#include "search/scorer.h"

namespace attn {

class Seq2SeqScorer : public Scorer {
 public:
  // The model and the weights must outlive the scorer.
  Seq2SeqScorer(const Seq2Seq& model, const Weights& weights, int end_of_sentence)
      : model_(model), w_(weights), end_(end_of_sentence), scratch_(model) {}

  Index vocabulary() const override { return model_.target_vocabulary(); }
  int end_of_sentence() const override { return end_; }
  void start(std::span<const Ids> sources) override;
  void step(std::span<const int> words, Out log_probs) override;
  void gather(std::span<const int> parents) override;
  ConstMatrixView attention(Index column) const override;

 private:
  const Seq2Seq& model_;
  const Weights& w_;
  int end_;
  Seq2Seq::Scratch scratch_;
  SourceBatch batch_;
  std::vector<Words> sources_;
  std::vector<std::uint64_t> example_ids_;
  std::unique_ptr<DecoderState> state_;
};

}  // namespace attn
