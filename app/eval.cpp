#include "eval.h"

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/line_reader.h"
#include "commands.h"
#include "diagnostics_file.h"
#include "exit_code.h"
#include "option_builder.h"

namespace attn {

MetricReportOptions metric_report_options(const EvalOptions& options,
                                          const std::string& tokenizer) {
  MetricReportOptions out = {options.metric, {}};
  out.metric.tokenizer = options.tokenizer.empty() ? tokenizer : options.tokenizer;
  if (options.confidence) out.resampling = options.resampling;
  return out;
}

void add_by_length(const EvalOptions& options, const std::vector<System>& systems,
                   const std::vector<std::string>& sources, const References& references,
                   const std::string& tokenizer, EvalReport& report) {
  const MetricOptions metric = metric_report_options(options, tokenizer).metric;
  if (options.by_length.wanted())
    report.add(report_by_length(systems, sources, references, metric, options.by_length));
}

References read_references(const fs::path& text_file, std::size_t lines,
                           const std::vector<fs::path>& files) {
  References out;
  for (const fs::path& file : files) {
    out.push_back(read_lines(file));
    check_line_counts(text_file, lines, file, out.back().size());
  }
  return out;
}

void check_references(const fs::path& file, std::span<const std::vector<std::string>> references) {
  const std::size_t lines = references.front().size();
  if (lines == 0) throw Error(file.string() + ": the file is empty; there is nothing to evaluate");
  for (std::size_t line = 0; line < lines; ++line)
    if (std::all_of(references.begin(), references.end(),
                    [&](const auto& reference) { return reference[line].empty(); }))
      throw Error(file.string() + ":" + std::to_string(line + 1) +
                  ": the reference is empty; remove this line from all files");
}

namespace {

int run_eval(const EvalOptions& options) {
  const bool compares = options.hypotheses.size() > 1 || options.models.size() > 1;
  if (options.resampling_given && !options.confidence && !compares)
    usage_error("eval", "--samples and --seed have no effect without --confidence");
  EvalReport report;
  if (!options.hypotheses.empty())
    evaluate_texts(options, report);
  else if (options.models.size() > 1)
    compare_models(options, report);
  else
    evaluate_model(options, report);
  std::cout << (options.json ? to_text(report.json) : report.text);
  return kSuccess;
}

std::string check_tokenizer(const std::string& name) {
  for (const auto& [missing, reason] : missing_tokenizers())
    if (name == missing) return missing + " " + reason;
  return is_one_of(names_of(bleu_tokenizers().choices()))(name);
}

void add_eval_input(OptionBuilder& add, EvalOptions& options) {
  add.group("Input");
  add.file("--config", options.config, "Evaluate the best model of this configuration's run");
  add.models("--model", options.models,
             "Evaluate this model; repeated: compare the others with the first");
  add.file("--source", options.source, "Text to translate instead of the test text of the model");
  add.files("--reference", options.references,
            "Human translation of the text; repeated: the metrics use all of them");
  add.files("--hypothesis", options.hypotheses,
            "Evaluate this translation; repeated: compare the others with the first");
  add.file("--gold-alignment", options.gold,
           "Gold word alignments of the text: i-j (sure) and i?j (possible)");
  add.index_base(options.index_base, "the gold alignments");
  add.set(options.settings, "Override search.*, data.test_* or data.bleu_tokenizer");
}

void add_metric_options(CLI::App& sub, EvalOptions& options) {
  OptionBuilder add(sub);
  add.group("Metrics");
  sub.add_option("--tokenize", options.tokenizer,
                 "Tokenizer of BLEU; default: data.bleu_tokenizer, or 13a with --hypothesis")
      ->type_name("NAME")
      ->check(CLI::Validator(check_tokenizer,
                             is_one_of(names_of(bleu_tokenizers().choices())).get_description()));
  TercomOptions& ter = options.metric.tercom;
  add.flag("--lowercase", options.metric.lowercase, "BLEU, chrF and chrF++ ignore case");
  add.flag("--ter-case-sensitive", ter.case_sensitive, "TER does not ignore case");
  add.flag("--ter-normalized", ter.normalized, "TER splits off punctuation");
  add.flag("--ter-no-punct", ter.no_punctuation, "TER ignores punctuation");
  add.flag("--ter-asian-support", ter.asian,
           "--ter-normalized and --ter-no-punct also affect Chinese and Japanese");
}

void add_confidence_options(CLI::App& sub, EvalOptions& options) {
  OptionBuilder(sub).flag("--confidence", options.confidence,
                          "Add 95% confidence intervals; always on in comparisons");
  const auto mark_given = [&options](const std::string&) { options.resampling_given = true; };
  sub.add_option("--samples", options.resampling.samples, "Number of bootstrap resamples")
      ->type_name("N")
      ->check(is_whole_number(between(1, 1000000)))
      ->each(mark_given)
      ->capture_default_str();
  sub.add_option("--seed", options.resampling.seed, "Bootstrap seed, as in sacreBLEU")
      ->type_name("N")
      ->check(is_whole_number(at_least(0)))
      ->each(mark_given)
      ->capture_default_str();
  add_by_length_options(sub, options.by_length);
}

}  // namespace

void add_eval(CLI::App& app, Command& command) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* sub = app.add_subcommand(
      "eval", "Evaluate models or translations: BLEU, chrF, TER, perplexity, alignment error rate");
  OptionBuilder add(*sub);
  add_eval_input(add, *options);
  add.group("Output");
  add.text_output("--output", options->output, "Also write the translations to this file");
  add_diagnostics_option(*sub, options->diagnostics);
  add_heatmap_options(*sub, options->heatmaps);
  add.flag("--json", options->json, "Print one JSON object");
  add_metric_options(*sub, *options);
  add_confidence_options(*sub, *options);
  add.group("Performance");
  add.threads(options->threads);
  sub->footer(
      "See app/README.md for heatmaps, diagnostics and the fields of JSON output.\n\n"
      "Examples:\n"
      "  attn eval --config configs/quickstart.json --heatmap page.html\n"
      "  attn eval --model RUN/best --source test.en --reference test.fr --json\n"
      "  attn eval --model A/best --model B/best --by-length --by-length-figure lengths.svg\n"
      "  attn eval --hypothesis baseline.fr --hypothesis new.fr --reference test.fr");
  set_action(*sub, command, options, run_eval);
}

}  // namespace attn
