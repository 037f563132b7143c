#include "search/seq2seq_scorer.h"

#include <algorithm>
#include <numeric>

namespace attn {

void Seq2SeqScorer::start(std::span<const Ids> sources) {
  scratch_.ws.reset();
  sources_.assign(sources.begin(), sources.end());
  places_.assign(sources.size(), 0);
  batch_.assign(sources_, places_);
  memory_.emplace(model_.encode(w_, batch_, scratch_));
  longest_ = batch_.packing().steps();
  sentence_.resize(sources.size());
  std::iota(sentence_.begin(), sentence_.end(), 0);
  state_.resize(model_.decoder().rows().state, static_cast<Index>(sources.size()));
  model_.decoder().start(w_, *memory_, state_);
}

void Seq2SeqScorer::step(std::span<const int> words, Out log_probs) {
  const auto scope = scratch_.ws.scope();
  const auto columns = static_cast<Index>(words.size());
  begins_.resize(words.size());
  for (Index j = 0; j < columns; ++j) begins_[static_cast<std::size_t>(j)] = j * longest_;
  weights_.resize(model_.has_alignment() ? static_cast<std::size_t>(columns * longest_) : 0);
  DecoderTape tape(model_.decoder().rows(), columns, false, scratch_.ws);
  tape.prev = state_;
  model_.step(w_, *memory_, {sentence_, weights_.data(), begins_, 0}, words, tape, scratch_.ws,
              log_probs);
  state_ = tape.state;
}

void Seq2SeqScorer::keep(std::span<const int> parents) {
  next_.resize(state_.rows(), static_cast<Index>(parents.size()));
  kept_.resize(parents.size());
  for (std::size_t j = 0; j < parents.size(); ++j) {
    next_.col(static_cast<Index>(j)) = state_.col(parents[j]);
    kept_[j] = sentence_[static_cast<std::size_t>(parents[j])];
  }
  state_.swap(next_);
  sentence_.swap(kept_);
}

ConstView Seq2SeqScorer::attention(Index column) const {
  const bool any = model_.has_alignment();
  const Index words = memory_->length(sentence_[static_cast<std::size_t>(column)]);
  return ConstView(weights_.data() + (any ? column * longest_ : 0), any ? words : 0, any ? 1 : 0,
                   Eigen::OuterStride<>(words));
}

}  // namespace attn
