#include "search/seq2seq_scorer.h"

namespace attn {

void Seq2SeqScorer::start(std::span<const Ids> sources) {
  scratch_.ws.reset();
  sources_.assign(sources.begin(), sources.end());
  example_ids_.assign(sources.size(), 0);
  batch_.assign(sources_, example_ids_);
  const EncoderOutput memory = model_.encode(w_, batch_, scratch_);
  state_ = model_.decoder().start(w_, memory, scratch_.ws);
}

void Seq2SeqScorer::step(std::span<const int> words, Out log_probs) {
  model_.step(w_, words, *state_, scratch_.ws, log_probs);
}

void Seq2SeqScorer::gather(std::span<const int> parents) {
  state_->gather(parents);
}

ConstMatrixView Seq2SeqScorer::attention(Index column) const {
  return state_->attention(column);
}

}  // namespace attn
