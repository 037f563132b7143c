#include "eval_test_set.h"

#include "base/error.h"
#include "base/line_reader.h"
#include "base/stopwatch.h"
#include "gold_alignment.h"
#include "option_builder.h"
#include "progress_line.h"

namespace attn {

std::vector<NamedFile> TestFiles::named() const {
  std::vector<NamedFile> out = {{from_config ? "data.test_source" : "--source", source}};
  for (const fs::path& file : references)
    out.push_back({from_config ? "data.test_target" : "--reference", file});
  return out;
}

TestFiles test_files(const EvalOptions& options, const TrainedModel& trained) {
  if (!options.source.empty())
    return {.from_config = false, .source = options.source, .references = options.references};
  const DataConfig& data = trained.config.data;
  if (data.test_source.empty())
    throw Error(trained.name +
                ": its configuration names no test text (data.test_source, data.test_target); give "
                "--source and --reference");
  check_test_files(trained.config, trained.name);
  return {.from_config = true, .source = data.test_source, .references = {data.test_target}};
}

TestSet::TestSet(const TestFiles& files, const fs::path& gold_file, int index_base)
    : sources(read_lines(files.source)),
      references(read_references(files.source, sources.size(), files.references)) {
  check_references(files.references.front(), std::span(references).first(1));
  if (!gold_file.empty()) gold = read_gold(gold_file, index_base, sources, targets());
}

std::vector<std::string> TestSet::references_of(std::size_t line) const {
  std::vector<std::string> out;
  for (const auto& reference : references) out.push_back(reference[line]);
  return out;
}

TestTranslations translate_test(const TrainedModel& trained, const TestSet& test, Pool& pool) {
  const Stopwatch stopwatch;
  SearchConfig search = trained.config.search;
  search.n_best = 1;
  const Model* const models[] = {&trained.model};
  ProgressLine progress("translated", test.sources.size(), true);
  TestTranslations out;
  out.found =
      translate(models, {test.sources}, search, pool, [&](std::size_t n) { progress.advance(n); });
  out.seconds = stopwatch.seconds();
  for (const auto& line : out.found) {
    out.tokens += static_cast<double>(line.translations[0].target.size()) + 1;
    out.lines.push_back(line.translations[0].text);
  }
  return out;
}

TrainedModel overridden(TrainedModel trained, const std::vector<std::string>& settings) {
  override_trained(trained.config, settings, {"search.", "data.test_", "data.bleu_tokenizer"});
  return trained;
}

void check_text_options(const EvalOptions& options) {
  if (options.source.empty() != options.references.empty())
    usage_error("eval", "--source and --reference must be given together");
}

}  // namespace attn
