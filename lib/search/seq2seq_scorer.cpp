#include "search/seq2seq_scorer.h"

#include <algorithm>
#include <numeric>

namespace attn {

void Seq2SeqScorer::start(std::span<const Ids> sources) {
  scratch_.ws.reset();
  sources_.assign(sources.begin(), sources.end());
  example_ids_.assign(sources.size(), 0);
  batch_.assign(sources_, example_ids_);
  memory_.emplace(model_.encode(w_, batch_, scratch_));
  longest_ = batch_.packing().steps();
  sentence_.resize(sources.size());
  std::iota(sentence_.begin(), sentence_.end(), 0);
  step_ = 0;
  carried_ = model_.decoder().attention().attention_state_rows(longest_);
  state_.resize(model_.decoder().rows().state + carried_, static_cast<Index>(sources.size()));
  model_.decoder().start(w_, *memory_, state_);
}

void Seq2SeqScorer::step(std::span<const int> words, Out log_probs) {
  const auto scope = scratch_.ws.scope();
  const auto columns = static_cast<Index>(words.size());
  const Index head = columns * longest_;
  begins_.resize(words.size());
  for (Index j = 0; j < columns; ++j) begins_[static_cast<std::size_t>(j)] = j * longest_;
  weights_.resize(static_cast<std::size_t>(model_.decoder().attention().heads() * head));
  DecoderSaved tape(model_.decoder().rows(), carried_, columns, false, scratch_.ws);
  tape.prev = state_;
  const AttentionStep reading{sentence_, weights_.data(), begins_, head, step_++, 0};
  model_.step(w_, *memory_, reading, words, tape, scratch_.ws, log_probs);
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
  const Index heads = model_.decoder().attention().heads();
  const Index words = memory_->length(sentence_[static_cast<std::size_t>(column)]);
  const Index head = static_cast<Index>(begins_.size()) * longest_;
  return ConstView(weights_.data() + (heads > 0 ? column * longest_ : 0), heads > 0 ? words : 0,
                   heads, Eigen::OuterStride<>(head));
}

}  // namespace attn
