// One model as the search sees it.
#pragma once

#include "model/seq2seq.h"
#include "search/scorer.h"

namespace attn {

class Seq2SeqScorer : public Scorer {
 public:
  // Model and weights must outlive the scorer.
  Seq2SeqScorer(const Seq2Seq& model, const Params& weights, int end_of_sentence)
      : model_(model), w_(weights), end_(end_of_sentence), scratch_(model) {}

  Index vocabulary() const override { return model_.target_vocabulary(); }
  int end_of_sentence() const override { return end_; }
  void start(std::span<const Ids> sources) override;
  void step(std::span<const int> words, Out log_probs) override;
  void keep(std::span<const int> parents) override;
  ConstView attention(Index column) const override;

 private:
  const Seq2Seq& model_;
  const Params& w_;
  int end_;
  Seq2Seq::Scratch scratch_;
  SourceBatch batch_;
  std::vector<Words> sources_;
  std::vector<std::uint64_t> example_ids_;
  std::optional<EncoderOutput> memory_;
  Index longest_ = 0;                 // source
  Index carried_ = 0, step_ = 0;      // rows of the attention's; the next step
  std::vector<int> sentence_, kept_;  // that each column reads
  std::vector<Index> begins_;         // of each column's weights
  std::vector<Real> weights_;         // [longest × columns]
  Mat state_, next_;                  // [state × columns]
};

}  // namespace attn
