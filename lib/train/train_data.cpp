#include "train/train_data.h"

#include <algorithm>

#include "base/file.h"
#include "base/line_reader.h"

namespace attn {
namespace {

std::size_t memory_bytes(const DataConfig& c) {
  return static_cast<std::size_t>(c.max_memory_mib) << 20U;
}

TokenizerOptions tokenizer_options(const DataConfig& c, int vocabulary_size) {
  constexpr std::size_t kMemoryPerByte = 32;                    // SentencePiece needs about 25
  constexpr std::size_t kMinTextBytes = std::size_t{8} << 20U;  // less makes a poor vocabulary
  return {.type = c.tokenizer,
          .vocabulary_size = vocabulary_size,
          .character_coverage = c.character_coverage.value_or(1),
          .byte_fallback = c.byte_fallback.value_or(false),
          .user_symbols = c.user_symbols,
          .normalization = c.normalization,
          .max_training_bytes = std::max(memory_bytes(c) / kMemoryPerByte, kMinTextBytes)};
}

}  // namespace

std::pair<Tokenizer, Tokenizer> make_tokenizers(const DataConfig& c) {
  TokenizerOptions source = tokenizer_options(c, c.source_vocabulary_size);
  source.separator = c.sentence_separator;
  const TokenizerOptions target = tokenizer_options(c, c.target_vocabulary_size);
  if (!c.source_tokenizer.empty()) {
    Tokenizer loaded = Tokenizer::load(c.source_tokenizer);
    return {loaded.with_separator(c.sentence_separator),
            c.shared_vocabulary ? loaded : Tokenizer::load(c.target_tokenizer)};
  }
  if (c.shared_vocabulary) {
    Tokenizer both = Tokenizer::train({c.train_source, c.train_target}, source);
    return {both.with_separator(c.sentence_separator), both};
  }
  return {Tokenizer::train({c.train_source}, source).with_separator(c.sentence_separator),
          Tokenizer::train({c.train_target}, target)};
}

TrainData read_train_data(const DataConfig& c, const Tokenizer& source, const Tokenizer& target,
                          const fs::path& directory, Pool& pool) {
  TrainData data;
  data.train = read_chunked_corpus(
      {c.train_source, c.train_target, source, target, c.max_length, c.train_alignment},
      {directory, memory_bytes(c)}, pool);
  if (c.valid_source.empty()) return data;
  data.valid.emplace(read_corpus(c.valid_source, c.valid_target, source, target, 0, pool));
  const auto sources = read_lines(c.valid_source), targets = read_lines(c.valid_target);
  // The corpus lacks the pairs that have an empty side.
  for (std::size_t i = 0; i < data.valid->size(); ++i) {
    data.valid_source.push_back(sources[data.valid->line(i) - 1]);
    data.valid_target.push_back(targets[data.valid->line(i) - 1]);
  }
  return data;
}

}  // namespace attn
