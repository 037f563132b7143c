// The texts and the tokenizers of a training run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "text/chunked_corpus.h"
#include "text/corpus.h"
#include "text/tokenizer.h"
#include "train/data_config.h"

namespace attn {

struct TrainData {
  ChunkedCorpus train;
  std::optional<Corpus> valid;
  std::vector<std::string> valid_source, valid_target;  // untokenized lines, for BLEU
};

// Loads the tokenizers that the config names, or trains new ones on the training text. Returns the
// source's and the target's. Throws Error if a file cannot be read or a tokenizer cannot be
// trained.
std::pair<Tokenizer, Tokenizer> make_tokenizers(const DataConfig& config);

// Reads and tokenizes the training and the validation text. A training text that exceeds
// config.max_memory_mib is stored in a temporary file in `directory`. Throws Error if a file cannot
// be read or the two sides of a text do not match.
TrainData read_train_data(const DataConfig& config, const Tokenizer& source,
                          const Tokenizer& target, const std::filesystem::path& directory,
                          Pool& pool);

}  // namespace attn
