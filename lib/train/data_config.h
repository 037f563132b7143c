// The options of the data (section "data" of a config): files, tokenizers, lengths.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "base/registry.h"

namespace attn {

struct DataConfig {
  std::filesystem::path train_source, train_target, train_alignment;
  std::filesystem::path valid_source, valid_target;
  std::filesystem::path test_source, test_target, test_alignment;
  std::filesystem::path source_tokenizer, target_tokenizer;
  std::string source_language, target_language, license;
  std::string tokenizer = "unigram";
  bool shared_vocabulary = false;
  std::string sentence_separator;
  int source_vocabulary_size = 8000;
  int target_vocabulary_size = 8000;
  std::optional<double> character_coverage;
  std::optional<bool> byte_fallback;
  std::vector<std::string> user_symbols;
  std::string normalization = "nmt_nfkc";
  int max_length = 100;
  int max_memory_mib = 1024;
  std::string read_by = "first_process";
  std::string bleu_tokenizer = "13a";

  static void fields(Fields<DataConfig>& field);
};

// Which processes read the texts.
enum class Readers { first_process, every_process };
// Returns the values of data.read_by.
const Registry<Readers>& readers();

// Sets defaults that depend on other options.
void resolve(DataConfig& data);

// Throws Error if options contradict each other. The message begins with `where`.
void validate(const DataConfig& data, const std::string& where);

// Throws Error if no line of the training text contains data.sentence_separator, because it is
// probably misspelled. The message begins with `where`.
void check_separator_occurs(const DataConfig& data, const std::string& where);

// Throws Error, which begins with `where`, if the text is neither "" nor a language tag such as
// "en", "pt-BR" or "zh-Hans" (BCP 47).
void check_language(const std::string& tag, const std::string& where);

}  // namespace attn
