// The texts and the tokenizers of a training run.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "text/chunked_corpus.h"
#include "text/corpus.h"
#include "text/tokenizer.h"
#include "train/communicator.h"
#include "train/data_config.h"

namespace attn {

struct TrainData {
  ChunkedCorpus train;
  std::optional<Corpus> valid;
  std::vector<std::string> valid_source, valid_target;  // untokenized lines, for BLEU
};

// The source's and the target's.
using Tokenizers = std::pair<Tokenizer, Tokenizer>;

// Loads the tokenizers that the config names, or trains new ones on the training text. Throws Error
// if a file cannot be read or a tokenizer cannot be trained.
Tokenizers make_tokenizers(const DataConfig& config);

// Returns the tokenizers that `make` returns in the first process, which alone calls it.
Tokenizers tokenizers_of_first(const std::function<Tokenizers()>& make, const DataConfig& config,
                               Communicator& communicator);

// Reads and tokenizes the training and the validation text. A training text that exceeds
// config.max_memory_mib is stored in a temporary file in `directory`. Throws Error if a file cannot
// be read or the two sides of a text do not match.
TrainData read_train_data(const DataConfig& config, const Tokenizer& source,
                          const Tokenizer& target, const std::filesystem::path& directory,
                          Workers workers);

}  // namespace attn
