// What training reads before it begins.
#include "base/error.h"
#include "train/trainer.h"

namespace attn {

std::pair<Tokenizer, Tokenizer> make_tokenizers(const DataConfig& c) {
  const TokenizerOptions source{c.tokenizer, c.source_vocabulary_size, c.character_coverage};
  const TokenizerOptions target{c.tokenizer, c.target_vocabulary_size, c.character_coverage};
  if (!c.source_model.empty()) {
    Tokenizer loaded = Tokenizer::load(c.source_model);
    return {loaded, c.shared_vocabulary ? loaded : Tokenizer::load(c.target_model)};
  }
  if (c.shared_vocabulary) {
    Tokenizer both = Tokenizer::train({c.train_source, c.train_target}, source);
    return {both, both};
  }
  return {Tokenizer::train({c.train_source}, source), Tokenizer::train({c.train_target}, target)};
}

TrainData read_train_data(const DataConfig& c, const Tokenizer& source, const Tokenizer& target,
                          Pool& pool) {
  TrainData data{
      read_corpus(c.train_source, c.train_target, source, target, c.max_length, pool), {}, {}, {}};
  if (c.valid_source.empty()) return data;
  data.valid.emplace(read_corpus(c.valid_source, c.valid_target, source, target, 0, pool));
  const auto sources = read_lines(c.valid_source), targets = read_lines(c.valid_target);
  // Without the pairs that have an empty side.
  for (std::size_t i = 0; i < data.valid->size(); ++i) {
    data.valid_source.push_back(sources[data.valid->line(i) - 1]);
    data.valid_target.push_back(targets[data.valid->line(i) - 1]);
  }
  return data;
}

}  // namespace attn
