#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "commands.h"
#include "common.h"
#include "eval/aer.h"
#include "eval/bleu.h"
#include "eval/chrf.h"
#include "search/force.h"
#include "search/translate.h"
#include "train/validate.h"

namespace attn {
namespace {

const char* const kVersion = "attn-" ATTN_VERSION;

struct Options {
  fs::path config, model, source, reference, hypothesis, gold, output;
  std::vector<std::string> sets;
  std::string tokenizer;
  bool lowercase = false, json = false;
  int threads = 0;
};

// What was measured; what was not asked for or can't be had is left out.
struct Report {
  Json json = Json::object();
  std::string text;

  template <class... Arguments>
  void line(const char* pattern, Arguments... arguments) {
    char buffer[512];
    std::snprintf(buffer, sizeof buffer, pattern, arguments...);
    text += buffer;
    text += '\n';
  }
};

void check_lengths(const fs::path& a, std::size_t lines_a, const fs::path& b, std::size_t lines_b) {
  if (lines_a != lines_b)
    throw Error(a.string() + " has " + std::to_string(lines_a) + " lines, " + b.string() + " has " +
                std::to_string(lines_b) + "; they must go line by line");
}

void score(const std::vector<std::string>& hypotheses, const std::vector<std::string>& reference,
           const BleuOptions& bleu_options, Report& report) {
  const References references = {reference};
  const ChrfOptions chrf_options{0, bleu_options.lowercase};
  const BleuScore b = bleu(hypotheses, references, bleu_options);
  const double c = chrf(hypotheses, references, chrf_options);
  const std::string bleu_name = bleu_signature(bleu_options, references, kVersion);
  const std::string chrf_name = chrf_signature(chrf_options, references, kVersion);
  report.json["bleu"] = {{"score", b.score}, {"signature", bleu_name}};
  report.json["chrf"] = {{"score", c}, {"signature", chrf_name}};
  report.line("BLEU                  %.2f   %s", b.score, bleu_name.c_str());
  report.line("chrF                  %.2f   %s", c, chrf_name.c_str());
}

std::vector<std::vector<Link>> forced_links(const Model& model,
                                            const std::vector<std::string>& sources,
                                            const std::vector<std::string>& targets, int batch,
                                            Pool& pool) {
  const auto forced = force(model, sources, targets, batch, pool);
  std::vector<std::vector<Link>> links(forced.size());
  for (std::size_t i = 0; i < forced.size(); ++i)
    if (!forced[i].log_probs.empty())
      links[i] = hard_links(word_alignment(sources[i], forced[i].source, targets[i],
                                           forced[i].target, forced[i].attention));
  return links;
}

std::vector<GoldLinks> read_gold(const fs::path& path, const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets) {
  const auto lines = read_lines(path);
  check_lengths(path, lines.size(), "the test text", sources.size());
  std::vector<GoldLinks> gold;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    gold.push_back(parse_links(lines[i], 0, path.string(), i + 1));
    const auto words_s = static_cast<int>(split_words(sources[i]).size());
    const auto words_t = static_cast<int>(split_words(targets[i]).size());
    for (const auto* links : {&gold.back().sure, &gold.back().possible})
      for (const Link& link : *links)
        if (link.source >= words_s || link.target >= words_t)
          throw Error(path.string() + ":" + std::to_string(i + 1) + ": link " +
                      std::to_string(link.source) + "-" + std::to_string(link.target) +
                      " points past the sentence (" + std::to_string(words_s) + " and " +
                      std::to_string(words_t) + " words, counted from 0)");
  }
  return gold;
}

void measure_model(const Trained& trained, const Options& options, const fs::path& source,
                   const fs::path& reference, const fs::path& gold, const BleuOptions& bleu_options,
                   Pool& pool, Report& report) {
  const Model& model = trained.model;
  const auto sources = read_lines(source), targets = read_lines(reference);
  check_lengths(source, sources.size(), reference, targets.size());
  if (sources.empty()) throw Error(source.string() + ": empty; there is nothing to evaluate");

  const auto begin = std::chrono::steady_clock::now();
  SearchConfig search = trained.config.search;
  search.n_best = 1;
  const Model* const models[] = {&model};
  ProgressLine progress("translated", sources.size(), !options.json);
  const auto out =
      translate(models, sources, search, pool, [&](std::size_t n) { progress.advance(n); });
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::vector<std::string> hypotheses;
  double tokens = 0;
  for (const auto& line : out) {
    hypotheses.push_back(line.translations[0].text);
    tokens += static_cast<double>(line.translations[0].target.size()) + 1;
  }
  if (!options.output.empty()) {
    std::string text;
    for (const auto& line : hypotheses) text += line + "\n";
    write_atomically(options.output, text);
  }
  score(hypotheses, targets, bleu_options, report);

  const Corpus corpus = read_corpus(source, reference, model.source, model.target, 0, pool);
  const Validation v = measure(model.network, model.weights, corpus, search.batch_sentences, pool);
  report.json["perplexity"] = std::exp(v.cross_entropy);
  report.json["cross_entropy"] = v.cross_entropy;
  report.json["token_accuracy"] = v.accuracy;
  report.line("perplexity            %.3f  of the reference, a piece", std::exp(v.cross_entropy));
  report.line("token accuracy        %.2f%%", 100 * v.accuracy);

  if (!gold.empty() && model.network.has_alignment()) {
    const AlignmentScore a =
        alignment_score(forced_links(model, sources, targets, search.batch_sentences, pool),
                        read_gold(gold, sources, targets));
    report.json["alignment_error_rate"] = a.error_rate;
    report.json["alignment_precision"] = a.precision;
    report.json["alignment_recall"] = a.recall;
    report.line("alignment error rate  %.4f  precision %.4f, recall %.4f", a.error_rate,
                a.precision, a.recall);
  }
  const auto sentences = static_cast<double>(sources.size());
  report.json["sentences_per_second"] = sentences / seconds;
  report.json["tokens_per_second"] = tokens / seconds;
  report.line("speed                 %.0f sentences, %.0f pieces a second, beam %d",
              sentences / seconds, tokens / seconds, search.beam_size);
}

void evaluate_model(const Options& options, Report& report) {
  if (options.model.empty() == options.config.empty())
    throw Error(
        "attn eval: give one of --config FILE, --model DIR, or --hypothesis FILE with --reference "
        "FILE");
  if (options.source.empty() != options.reference.empty())
    throw Error("attn eval: --source and --reference go together");
  Trained trained = load_trained(options.config.empty() ? options.model : best_of(options.config));
  override_search_and_data(trained.config, options.sets);
  const DataConfig& data = trained.config.data;
  const bool own = options.source.empty();
  if (own && data.test_source.empty())
    throw Error(trained.name +
                ": its config names no test text (data.test_source, data.test_target); give "
                "--source and --reference");
  if (!options.gold.empty() && !trained.model.network.has_alignment())
    throw Error(trained.name +
                ": this model has no attention, so --gold-alignment has nothing to compare with");
  const fs::path gold = !options.gold.empty() ? options.gold
                        : own                 ? data.test_alignment
                                              : fs::path();
  Pool pool(threads_or_all(options.threads));
  measure_model(
      trained, options, own ? data.test_source : options.source,
      own ? data.test_target : options.reference, gold,
      {options.tokenizer.empty() ? data.bleu_tokenizer : options.tokenizer, options.lowercase},
      pool, report);
}

void evaluate_text(const Options& options, Report& report) {
  if (options.reference.empty()) throw Error("attn eval: --hypothesis needs --reference");
  if (!options.model.empty() || !options.config.empty() || !options.source.empty() ||
      !options.gold.empty() || !options.sets.empty() || !options.output.empty())
    throw Error(
        "attn eval: --hypothesis is scored without a model; leave out --model, --config, --source, "
        "--gold-alignment, --output and --set");
  const auto hypotheses = read_lines(options.hypothesis), reference = read_lines(options.reference);
  check_lengths(options.hypothesis, hypotheses.size(), options.reference, reference.size());
  score(hypotheses, reference,
        {options.tokenizer.empty() ? "13a" : options.tokenizer, options.lowercase}, report);
}

int run(const Options& options) {
  Report report;
  if (options.hypothesis.empty())
    evaluate_model(options, report);
  else
    evaluate_text(options, report);
  std::cout << (options.json ? to_text(report.json) : report.text);
  return 0;
}

}  // namespace

void add_eval(CLI::App& app, Command& command) {
  auto options = std::make_shared<Options>();
  std::vector<std::string> tokenizers;
  for (const auto& choice : bleu_tokenizers().choices()) tokenizers.push_back(choice.name);
  CLI::App* sub = app.add_subcommand(
      "eval", "Score a model or a translation: BLEU, chrF, perplexity, alignment error rate");
  sub->add_option("--config", options->config, "Config of a run: its best model, on its test text");
  sub->add_option("--model", options->model, "Model directory, e.g. RUN/best");
  sub->add_option("--source", options->source,
                  "Text to translate instead of the config's test text");
  sub->add_option("--reference", options->reference, "Its translation");
  sub->add_option("--hypothesis", options->hypothesis,
                  "Translation to score against --reference, without a model");
  sub->add_option(
      "--gold-alignment", options->gold,
      "Gold word alignments of the test text: lines of i-j (sure) and i?j (possible), from 0");
  sub->add_option("--output", options->output, "Keep the translations in this file");
  sub->add_option("--tokenize", options->tokenizer,
                  "How BLEU cuts words; without it data.bleu_tokenizer, or 13a for --hypothesis")
      ->check(CLI::IsMember(tokenizers));
  sub->add_flag("--lowercase", options->lowercase, "Score without regard to case");
  sub->add_flag("--json", options->json, "Print one JSON object");
  sub->add_option("--set", options->sets,
                  "KEY=VALUE over the model's config, e.g. search.beam_size=12; may be repeated")
      ->allow_extra_args(false);
  sub->add_option("--threads", options->threads, "Worker threads; 0: as many as the machine has")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  sub->callback([&command, options] { command = [options] { return run(*options); }; });
}

}  // namespace attn
