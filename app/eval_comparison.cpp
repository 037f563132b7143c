// attn eval with several models: compares them by their translations of one text.
#include "eval.h"
#include "eval_test_set.h"
#include "option_builder.h"

namespace attn {
namespace {

void check_options_of_models(const EvalOptions& options) {
  check_text_options(options);
  if (!options.config.empty() || !options.gold.empty() || options.index_base != 0 ||
      !options.output.empty() || !options.heatmaps.empty() || !options.diagnostics.empty())
    usage_error("eval",
                "several --model are compared by their metrics only; leave out --config, "
                "--gold-alignment, --index-base, --output, --heatmap and --diagnostics");
}

}  // namespace

void compare_models(const EvalOptions& options, EvalReport& report) {
  check_options_of_models(options);
  std::vector<TrainedModel> models;
  for (const fs::path& directory : options.models)
    models.push_back(overridden(load_model(directory), options.settings));
  const TestFiles files = test_files(options, models.front());
  std::vector<NamedFile> written;
  add_by_length_file(options.by_length, written);
  check_distinct(files.named(), written);
  const TestSet test(files, {}, 0);
  Pool pool(worker_threads(options.threads));
  std::vector<System> systems;
  for (const TrainedModel& trained : models)
    systems.push_back({trained.name, translate_test(trained, test, pool).lines});
  const std::string& tokenizer = models.front().config.data.bleu_tokenizer;
  report.line("%s, %zu sentences", files.source.c_str(), test.sources.size());
  report.add(compare_systems(systems, test.references,
                             metric_report_options(options, tokenizer).metric, options.resampling));
  add_by_length(options, systems, test.sources, test.references, tokenizer, report);
}

}  // namespace attn
