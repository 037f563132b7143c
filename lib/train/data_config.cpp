#include "train/data_config.h"

#include <algorithm>
#include <regex>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/line_reader.h"
#include "base/strings.h"
#include "metrics/tokenize.h"
#include "text/tokenizer.h"

namespace attn {
namespace {

void file_fields(Fields<DataConfig>& field) {
  field("train_source", &DataConfig::train_source, any(),
        "training text, source side: one sentence per line, plain or .gz");
  field("train_target", &DataConfig::train_target, any(),
        "training text, target side: line n translates line n of the source side");
  field("train_alignment", &DataConfig::train_alignment, any(),
        "word alignments of the training text for guided alignment, in lines of i-j",
        when_not("model.attention.score", {"none"}));
  field("valid_source", &DataConfig::valid_source, any(), "validation text, source side");
  field("valid_target", &DataConfig::valid_target, any(), "validation text, target side");
  field("test_source", &DataConfig::test_source, any(),
        "test text, source side; not used in training");
  field("test_target", &DataConfig::test_target, any(), "test text, target side");
  field("test_alignment", &DataConfig::test_alignment, any(),
        "gold word alignments of the test text, in lines of i-j");
}

void card_fields(Fields<DataConfig>& field) {
  field("source_language", &DataConfig::source_language, any(),
        "language of the source, a tag such as \"en\" (BCP 47): for the model's card, and for the "
        "abbreviations where attn translate divides lines");
  field("target_language", &DataConfig::target_language, any(),
        "language of the target for the model's card");
  field("license", &DataConfig::license, any(),
        "license of the model for its card, such as \"CC-BY-4.0\"");
}

void tokenizer_fields(Fields<DataConfig>& field) {
  field("source_tokenizer", &DataConfig::source_tokenizer, any(),
        "existing SentencePiece model of the source; with data.shared_vocabulary, of both sides",
        FormerName{"source_model"});
  field("target_tokenizer", &DataConfig::target_tokenizer, any(),
        "existing SentencePiece model of the target", when("data.shared_vocabulary", {"false"}),
        FormerName{"target_model"});
  const Condition is_trained = when("data.source_tokenizer", {""});
  field("tokenizer", &DataConfig::tokenizer,
        one_of({{"unigram", "subwords of a unigram language model (Kudo 2018)"},
                {"bpe", "byte-pair encoding (Sennrich et al. 2016)"},
                {"char", "characters"},
                {"word", "words between spaces"}}),
        "type of the SentencePiece models that attn train learns", is_trained);
  field("shared_vocabulary", &DataConfig::shared_vocabulary, any(),
        "one SentencePiece model for both sides");
  field("source_vocabulary_size", &DataConfig::source_vocabulary_size, between(4, 10000000),
        "vocabulary size of the source; with data.shared_vocabulary, of both sides", is_trained);
  field("target_vocabulary_size", &DataConfig::target_vocabulary_size, between(4, 10000000),
        "vocabulary size of the target", is_trained && when("data.shared_vocabulary", {"false"}));
  field("character_coverage", &DataConfig::character_coverage, between(0.98, 1),
        "fraction of the text's characters that the vocabulary covers; null: 0.9995 with "
        "data.byte_fallback, so that bytes occur in training, otherwise 1",
        is_trained);
  field(
      "byte_fallback", &DataConfig::byte_fallback, any(),
      "spell characters that the vocabulary does not cover in UTF-8 bytes, which take 256 pieces; "
      "null: true for unigram and bpe vocabularies of 4,000 pieces and more",
      is_trained && when("data.tokenizer", {"unigram", "bpe"}));
  field("user_symbols", &DataConfig::user_symbols, any(),
        "texts that are always one piece, such as markers", is_trained);
  field("normalization", &DataConfig::normalization,
        one_of({{"nmt_nfkc", "Unicode NFKC, and white space and control characters become spaces"},
                {"nfkc", "Unicode NFKC"},
                {"nmt_nfkc_cf", "nmt_nfkc and lower case"},
                {"nfkc_cf", "nfkc and lower case"},
                {"identity", "none"}}),
        "normalization of the text (SentencePiece's rule)", is_trained);
  field(
      "sentence_separator", &DataConfig::sentence_separator, any(),
      "word between the sentences of a source line in document models; not part of the vocabulary",
      when("model.encoder.hierarchical", {"true"}));
}

}  // namespace

void check_language(const std::string& tag, const std::string& where) {
  static const std::regex pattern("|[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*");
  if (!std::regex_match(tag, pattern))
    fail(where, in_quotes(tag) + " is not a language tag; use one such as \"en\" or \"pt-BR\"");
}

const Registry<Readers>& readers() {
  static const Registry<Readers> table = {
      {"first_process", "the first one, which sends the encoded texts to all others",
       Readers::first_process},
      {"every_process", "every one; the files must be the same on all machines",
       Readers::every_process},
  };
  return table;
}

void DataConfig::fields(Fields<DataConfig>& field) {
  file_fields(field);
  tokenizer_fields(field);
  field("max_length", &DataConfig::max_length, at_least(1),
        "maximum number of subwords on each side of a training pair; longer pairs are dropped and "
        "counted");
  field("max_memory_mib", &DataConfig::max_memory_mib, at_least(1),
        "memory of a process for the tokenized training text in MiB; a larger text is stored in a "
        "temporary file and read in chunks: in train.run_dir, or with several processes in the "
        "directory TMPDIR of each machine",
        FormerName{"memory_mib"});
  field("read_by", &DataConfig::read_by, one_of(readers().choices()),
        "which of several processes (mpirun, srun) read the texts");
  field("bleu_tokenizer", &DataConfig::bleu_tokenizer, one_of(bleu_tokenizers().choices()),
        "tokenizer of BLEU, in validation and in attn eval");
  card_fields(field);
}

void resolve(DataConfig& data) {
  if (!data.source_tokenizer.empty()) return;
  constexpr int kManyPieces = 4000;
  const int smallest = data.shared_vocabulary
                           ? data.source_vocabulary_size
                           : std::min(data.source_vocabulary_size, data.target_vocabulary_size);
  const bool has_subwords = data.tokenizer == "unigram" || data.tokenizer == "bpe";
  if (!data.byte_fallback) data.byte_fallback = has_subwords && smallest >= kManyPieces;
  if (!data.character_coverage) data.character_coverage = *data.byte_fallback ? 0.9995 : 1.0;
}

void check_user_symbols(const DataConfig& data, const std::string& where) {
  std::set<std::string> seen = {"<unk>", "</s>"};
  for (const std::string& symbol : data.user_symbols) {
    if (split_words(symbol) != std::vector<std::string>{symbol})
      fail(where, "data.user_symbols: " + in_quotes(symbol) + " is empty or has white space");
    if (!seen.insert(symbol).second)
      fail(where, "data.user_symbols: " + in_quotes(symbol) + " is in the vocabulary already");
  }
  const int size = std::min(data.source_vocabulary_size, data.target_vocabulary_size);
  if (std::ssize(data.user_symbols) + 2 >= size)
    fail(where, "data.user_symbols has more texts than the vocabulary has pieces");
}

void validate(const DataConfig& data, const std::string& where) {
  check_user_symbols(data, where);
  check_language(data.source_language, where + ": data.source_language");
  check_language(data.target_language, where + ": data.target_language");
  if (data.valid_source.empty() != data.valid_target.empty())
    fail(where, "data.valid_source and data.valid_target: set both or neither");
  if (data.test_source.empty() != data.test_target.empty())
    fail(where, "data.test_source and data.test_target: set both or neither");
  if (!data.test_alignment.empty() && data.test_source.empty())
    fail(where, "data.test_alignment requires data.test_source and data.test_target");
  if (!data.train_alignment.empty() && data.train_source.empty())
    fail(where, "data.train_alignment requires data.train_source and data.train_target");
  if (!data.shared_vocabulary && data.source_tokenizer.empty() != data.target_tokenizer.empty())
    fail(where,
         "data.source_tokenizer and data.target_tokenizer: set both or neither "
         "(data.source_tokenizer alone requires data.shared_vocabulary true)");
  const std::string& separator = data.sentence_separator;
  if (!separator.empty() && split_words(separator) != std::vector{separator})
    fail(where,
         "data.sentence_separator must be one word without white space, got \"" + separator + "\"");
}

void check_separator_occurs(const DataConfig& data, const std::string& where) {
  if (data.sentence_separator.empty() || data.train_source.empty()) return;
  LineReader lines(data.train_source);
  for (std::string line; lines.next(line);)
    if (split_sentences(line, data.sentence_separator).size() > 1) return;
  fail(where, "data.sentence_separator: no line of " + data.train_source.string() +
                  " contains the word \"" + data.sentence_separator +
                  "\"; separate the sentences of a document by it, with spaces around it");
}

}  // namespace attn
