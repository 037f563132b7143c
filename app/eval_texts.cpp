// attn eval --hypothesis: evaluates given translations, without a model.
#include "base/line_reader.h"
#include "eval.h"
#include "option_builder.h"

namespace attn {
namespace {

constexpr const char* kTextTokenizer = "13a";  // tokenizer of BLEU, unless --tokenize is given

void check_options_of_texts(const EvalOptions& options) {
  if (options.references.empty()) usage_error("eval", "--hypothesis needs --reference");
  if (options.threads != 0)
    usage_error("eval", "--threads has no effect with --hypothesis; leave out --threads");
  const bool by_length = options.by_length.wanted();
  if (by_length && options.source.empty())
    usage_error("eval", "--by-length needs --source, the text that --hypothesis translates");
  if (!options.models.empty() || !options.config.empty() ||
      (!options.source.empty() && !by_length) || !options.gold.empty() ||
      !options.settings.empty() || !options.output.empty() || !options.heatmaps.empty() ||
      !options.diagnostics.empty() || options.index_base != 0)
    usage_error("eval",
                "--hypothesis is evaluated without a model; leave out --model, --config, --source "
                "(unless for --by-length), --gold-alignment, --index-base, --output, --heatmap, "
                "--diagnostics and --set");
}

// Returns the sources for --by-length, or nothing. Throws Error if the figure would overwrite an
// input file.
std::vector<std::string> read_sources(const EvalOptions& options, std::size_t lines) {
  std::vector<NamedFile> read = {{"--source", options.source}}, written;
  for (const fs::path& file : options.hypotheses) read.push_back({"--hypothesis", file});
  for (const fs::path& file : options.references) read.push_back({"--reference", file});
  add_by_length_file(options.by_length, written);
  check_distinct(read, written);
  if (options.source.empty()) return {};
  std::vector<std::string> sources = read_lines(options.source);
  check_line_counts(options.source, sources.size(), options.references.front(), lines);
  return sources;
}

}  // namespace

void evaluate_texts(const EvalOptions& options, EvalReport& report) {
  check_options_of_texts(options);
  std::vector<System> systems;
  for (const fs::path& file : options.hypotheses)
    systems.push_back({file.string(), read_lines(file)});
  const std::size_t lines = systems.front().lines.size();
  const References references =
      read_references(options.hypotheses.front(), lines, options.references);
  for (const System& system : systems)
    check_line_counts(system.name, system.lines.size(), options.references.front(), lines);
  check_references(options.references.front(), references);
  const auto sources = read_sources(options, lines);
  const MetricReportOptions metrics = metric_report_options(options, kTextTokenizer);
  report.add(systems.size() == 1
                 ? report_metrics(systems.front().lines, references, metrics)
                 : compare_systems(systems, references, metrics.metric, options.resampling));
  add_by_length(options, systems, sources, references, kTextTokenizer, report);
}

}  // namespace attn
