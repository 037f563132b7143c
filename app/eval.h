// The options, the report and the three modes of attn eval.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/strings.h"
#include "by_length.h"
#include "file_checks.h"
#include "heatmap_options.h"
#include "metric_report.h"

namespace attn {

struct EvalOptions {
  fs::path config, source, gold, output, diagnostics;
  std::vector<fs::path> models, references, hypotheses;
  HeatmapArguments heatmaps;
  std::vector<std::string> settings;
  std::string tokenizer;  // empty: not given
  MetricOptions metric;
  Resampling resampling;
  ByLengthOptions by_length;
  bool confidence = false, json = false;
  bool resampling_given = false;  // --samples or --seed
  int index_base = 0, threads = 0;
};

// The output, as text and as JSON. Values that were not requested or do not apply are left out.
struct EvalReport {
  Json json = Json::object();
  std::string text;

  // Adds a line of text, formatted as by std::printf.
  template <class... Arguments>
  void line(const char* pattern, Arguments... arguments) {
    text += format(pattern, arguments...) + "\n";
  }
  void add(const MetricReport& metrics) {
    json.update(metrics.json);
    text += metrics.text;
  }
};

// The modes: one model, several models, and given translations.
void evaluate_model(const EvalOptions& options, EvalReport& report);
void compare_models(const EvalOptions& options, EvalReport& report);
void evaluate_texts(const EvalOptions& options, EvalReport& report);

// Returns the options of the metrics; `tokenizer` is BLEU's tokenizer if --tokenize is not given.
MetricReportOptions metric_report_options(const EvalOptions& options, const std::string& tokenizer);

// Adds BLEU by source length to the report if --by-length is given.
void add_by_length(const EvalOptions& options, const std::vector<System>& systems,
                   const std::vector<std::string>& sources, const References& references,
                   const std::string& tokenizer, EvalReport& report);

// Reads reference files. Throws Error unless each has `lines` lines, the number of lines of
// `text_file`.
References read_references(const fs::path& text_file, std::size_t lines,
                           const std::vector<fs::path>& files);

// Throws Error if a line is empty in all references, because metrics are not defined for it. `file`
// is the first reference file, for the message.
void check_references(const fs::path& file, std::span<const std::vector<std::string>> references);

}  // namespace attn
