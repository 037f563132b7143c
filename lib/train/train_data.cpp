#include "train/train_data.h"

#include <algorithm>
#include <sstream>

#include "base/file.h"
#include "base/line_reader.h"
#include "train/shared_text.h"

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

Tokenizers make_tokenizers(const DataConfig& c) {
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

Tokenizers tokenizers_of_first(const std::function<Tokenizers()>& make, const DataConfig& c,
                               Communicator& communicator) {
  if (communicator.size() == 1) return make();
  std::string source;
  std::string target = communicator.from_first([&] {
    const Tokenizers both = make();
    source = both.first.bytes();
    return both.second.bytes();
  });
  source = communicator.broadcast(std::move(source));
  return {Tokenizer::from_bytes(std::move(source), "the source vocabulary")
              .with_separator(c.sentence_separator),
          Tokenizer::from_bytes(std::move(target), "the target vocabulary")};
}

TrainData read_train_data(const DataConfig& c, const Tokenizer& source, const Tokenizer& target,
                          const fs::path& directory, Workers workers) {
  Communicator& communicator = workers.communicator;
  const bool is_shared =
      communicator.size() > 1 && readers().at(c.read_by) == Readers::first_process;
  const auto pairs_of = [&](const TextFiles& files) -> PairSource {
    PairSource read = [files, &workers](const auto& use) {
      return read_pairs(files, workers.pool, use);
    };
    return is_shared ? read_by_first(std::move(read), communicator) : read;
  };
  const auto lines_of = [&](const fs::path& file) {
    if (!is_shared) return read_lines(file);
    std::istringstream text(communicator.from_first([&] {
      std::string out;
      for (const std::string& line : read_lines(file)) out += line + '\n';
      return out;
    }));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  };
  TrainData data;
  data.train = collect_chunked_corpus(
      pairs_of({c.train_source, c.train_target, source, target, c.max_length, c.train_alignment}),
      {directory, memory_bytes(c)});
  if (c.valid_source.empty()) return data;
  data.valid.emplace(collect_pairs(pairs_of({c.valid_source, c.valid_target, source, target, 0})));
  const auto sources = lines_of(c.valid_source), targets = lines_of(c.valid_target);
  // The corpus lacks the pairs that have an empty side.
  for (std::size_t i = 0; i < data.valid->size(); ++i) {
    data.valid_source.push_back(sources[data.valid->line(i) - 1]);
    data.valid_target.push_back(targets[data.valid->line(i) - 1]);
  }
  return data;
}

}  // namespace attn
