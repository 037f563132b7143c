// The text that attn eval evaluates models on, and its translation.
#pragma once

#include <string>
#include <vector>

#include "alignment/word_alignment.h"
#include "base/parallel.h"
#include "eval.h"
#include "model_options.h"
#include "search/translate.h"

namespace attn {

// The files that --source and --reference name, else the test text of the model's configuration.
struct TestFiles {
  bool from_config;
  fs::path source;
  std::vector<fs::path> references;

  // Returns the files with their options, for check_distinct.
  std::vector<NamedFile> named() const;
};
// Throws Error if there is no test text.
TestFiles test_files(const EvalOptions& options, const TrainedModel& trained);

struct TestSet {
  // Reads the texts and, unless `gold_file` is empty, gold alignments of the first reference.
  // Throws Error if they do not match.
  TestSet(const TestFiles& files, const fs::path& gold_file, int index_base);

  // The first reference, for forced decoding.
  const std::vector<std::string>& targets() const { return references.front(); }
  std::vector<std::string> references_of(std::size_t line) const;

  std::vector<std::string> sources;
  References references;
  std::vector<GoldLinks> gold;  // empty: unknown
};

struct TestTranslations {
  std::vector<std::string> lines;
  std::vector<TranslatedLine> found;
  double seconds = 0;
  double tokens = 0;  // with the ends of sentence
};
// Translates the test set and shows the progress.
TestTranslations translate_test(const TrainedModel& trained, const TestSet& test, Pool& pool);

// Returns a model whose options are overridden by --set. Throws Error for an option that has no
// effect on an evaluation.
TrainedModel overridden(TrainedModel trained, const std::vector<std::string>& settings);

// Throws CLI::ValidationError unless --source and --reference are given together.
void check_text_options(const EvalOptions& options);

}  // namespace attn
