// The options of the data: files, vocabularies, lengths.
#pragma once

#include <filesystem>
#include <string>

#include "base/fields.h"
#include "eval/tokenize.h"

namespace attn {

struct DataConfig {
  std::filesystem::path train_source, train_target, train_alignment;
  std::filesystem::path valid_source, valid_target;
  std::filesystem::path test_source, test_target, test_alignment;
  std::filesystem::path source_model, target_model;
  std::string tokenizer = "unigram";
  bool shared_vocabulary = false;
  std::string sentence_separator;
  int source_vocabulary_size = 8000;
  int target_vocabulary_size = 8000;
  double character_coverage = 1.0;
  int max_length = 100;
  int memory_mib = 1024;
  std::string bleu_tokenizer = "13a";

  static void fields(auto&& field) {
    using C = DataConfig;
    field("train_source", &C::train_source, any(),
          "training text, source side: a sentence a line, plain or .gz");
    field("train_target", &C::train_target, any(),
          "training text, target side: line by line its translation");
    field("train_alignment", &C::train_alignment, any(),
          "word alignments of the training text, as lines of i-j, that attention is guided by",
          when_not("model.attention.score", {"none"}));
    field("valid_source", &C::valid_source, any(), "validation text, source side");
    field("valid_target", &C::valid_target, any(), "validation text, target side");
    field("test_source", &C::test_source, any(), "test text, source side; training does without");
    field("test_target", &C::test_target, any(), "test text, target side");
    field("test_alignment", &C::test_alignment, any(),
          "gold word alignments of the test text, as lines of i-j");

    field("source_model", &C::source_model, any(),
          "SentencePiece model of the source to use as it is; with data.shared_vocabulary, of both "
          "sides");
    field("target_model", &C::target_model, any(),
          "SentencePiece model of the target to use as it is",
          when("data.shared_vocabulary", {"false"}));
    const Condition trained = when("data.source_model", {""});
    field("tokenizer", &C::tokenizer,
          one_of({{"unigram", "pieces of a unigram language model (Kudo 2018)"},
                  {"bpe", "byte-pair encoding (Sennrich et al. 2016)"},
                  {"char", "characters"},
                  {"word", "words between spaces"}}),
          "how SentencePiece cuts the text into pieces", trained);
    field("shared_vocabulary", &C::shared_vocabulary, any(),
          "one SentencePiece model for both sides");
    field("source_vocabulary_size", &C::source_vocabulary_size, between(4, 10000000),
          "pieces of the source; with data.shared_vocabulary, of both sides", trained);
    field("target_vocabulary_size", &C::target_vocabulary_size, between(4, 10000000),
          "pieces of the target", trained && when("data.shared_vocabulary", {"false"}));
    field("character_coverage", &C::character_coverage, between(0.98, 1),
          "part of the text's characters that the vocabulary has to hold", trained);
    field("sentence_separator", &C::sentence_separator, any(),
          "word that stands between the sentences of a source line, with white space around it; "
          "the vocabulary does without it",
          when("model.encoder.hierarchical", {"true"}));
    field("max_length", &C::max_length, at_least(1),
          "most pieces on either side of a training pair; longer ones are dropped and counted");
    field("memory_mib", &C::memory_mib, at_least(1),
          "MiB that the training text may take as ids; a larger one is kept in a temporary file of "
          "train.run_dir and read in parts");
    field("bleu_tokenizer", &C::bleu_tokenizer, one_of(bleu_tokenizers().choices()),
          "how BLEU cuts lines into words, in validations and in attn eval");
  }
};

}  // namespace attn
