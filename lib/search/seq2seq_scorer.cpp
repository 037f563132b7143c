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
  column_source_.resize(sources.size());
  std::iota(column_source_.begin(), column_source_.end(), 0);
  step_ = 0;
  attention_state_rows_ = model_.decoder().attention().attention_state_rows(longest_);
  state_.resize(model_.decoder().rows().state + attention_state_rows_,
                static_cast<Index>(sources.size()));
  model_.decoder().start(w_, *memory_, state_);
}

void Seq2SeqScorer::step(std::span<const int> words, Out log_probs) {
  const auto scope = scratch_.ws.scope();
  const auto columns = static_cast<Index>(words.size());
  const Index head_stride = columns * longest_;
  begins_.resize(words.size());
  for (Index j = 0; j < columns; ++j) begins_[static_cast<std::size_t>(j)] = j * longest_;
  weights_.resize(static_cast<std::size_t>(model_.decoder().attention().heads() * head_stride));
  DecoderSaved saved(model_.decoder().rows(), attention_state_rows_, columns, Gradients::skip,
                     scratch_.ws);
  copy(state_, saved.prev);
  const AttentionColumns step{column_source_, weights_.data(), begins_, head_stride, step_++, 0};
  model_.step(w_, *memory_, step, words, saved, scratch_.ws, log_probs);
  state_ = saved.state.map();
}

void Seq2SeqScorer::gather(std::span<const int> parents) {
  next_state_.resize(state_.rows(), static_cast<Index>(parents.size()));
  next_column_source_.resize(parents.size());
  for (std::size_t j = 0; j < parents.size(); ++j) {
    next_state_.col(static_cast<Index>(j)) = state_.col(parents[j]);
    next_column_source_[j] = column_source_[static_cast<std::size_t>(parents[j])];
  }
  state_.swap(next_state_);
  column_source_.swap(next_column_source_);
}

ConstMatrixView Seq2SeqScorer::attention(Index column) const {
  const Index heads = model_.decoder().attention().heads();
  const Index words = memory_->length(column_source_[static_cast<std::size_t>(column)]);
  const Index head_stride = static_cast<Index>(begins_.size()) * longest_;
  return ConstMatrixView(weights_.data() + (heads > 0 ? column * longest_ : 0),
                         heads > 0 ? words : 0, heads, head_stride);
}

}  // namespace attn
