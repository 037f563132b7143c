#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <optional>

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
  std::vector<fs::path> heatmaps;
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
  report.line("BLEU                  %6.2f  %s", b.score, bleu_name.c_str());
  report.line("chrF                  %6.2f  %s", c, chrf_name.c_str());
}

// Before the work: no score is defined without a reference.
void check_reference(const fs::path& path, const std::vector<std::string>& lines) {
  if (lines.empty()) throw Error(path.string() + ": empty; there is nothing to evaluate");
  const auto empty = std::find(lines.begin(), lines.end(), "");
  if (empty != lines.end())
    throw Error(path.string() + ":" + std::to_string(empty - lines.begin() + 1) +
                ": an empty reference; take the line out of all files");
}

// What a model is evaluated on.
struct TestSet {
  TestSet(const fs::path& source_file, const fs::path& target_file, const fs::path& gold_file)
      : sources(read_lines(source_file)), targets(read_lines(target_file)) {
    check_lengths(source_file, sources.size(), target_file, targets.size());
    check_reference(target_file, targets);
    if (!gold_file.empty()) gold = read_gold(gold_file, sources, targets);
  }

  std::vector<std::string> sources, targets;
  std::vector<GoldLinks> gold;  // empty: not known
};

void write_lines(const fs::path& path, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  write_atomically(path, text);
}

// Of each line with its reference; none where a side is empty.
std::vector<std::optional<AlignedPair>> reference_pairs(const Model& model, const TestSet& test,
                                                        int batch, Pool& pool) {
  const auto forced = force(model, test.sources, test.targets, batch, pool);
  std::vector<std::optional<AlignedPair>> pairs(forced.size());
  for (std::size_t i = 0; i < forced.size(); ++i) {
    const Forced& f = forced[i];
    if (f.attention.empty()) continue;
    AlignedPair& pair = pairs[i].emplace(
        aligned_pair(test.sources[i], f.source, test.targets[i], f.target, f.attention));
    pair.line = i, pair.name = "reference";
    pair.log_prob = std::accumulate(f.log_probs.begin(), f.log_probs.end(), 0.0);
    if (!test.gold.empty()) pair.gold = test.gold[i];
  }
  return pairs;
}

void report_alignment(const std::vector<std::optional<AlignedPair>>& pairs, const TestSet& test,
                      Report& report) {
  std::vector<std::vector<Link>> links(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (pairs[i]) links[i] = hard_links(words_of(*pairs[i]));
  const AlignmentScore a = alignment_score(links, test.gold);
  report.json["alignment_error_rate"] = a.error_rate;
  report.json["alignment_precision"] = a.precision;
  report.json["alignment_recall"] = a.recall;
  report.line("alignment error rate  %6.4f  precision %.4f, recall %.4f", a.error_rate, a.precision,
              a.recall);
}

struct Translated {
  std::vector<std::string> lines;
  std::vector<TranslatedLine> found;
  double seconds = 0, tokens = 0;  // with the ends of sentence
};

Translated translate_test(const Trained& trained, const TestSet& test, Pool& pool) {
  const auto begin = std::chrono::steady_clock::now();
  SearchConfig search = trained.config.search;
  search.n_best = 1;
  const Model* const models[] = {&trained.model};
  ProgressLine progress("translated", test.sources.size(), true);
  Translated out;
  out.found =
      translate(models, test.sources, search, pool, [&](std::size_t n) { progress.advance(n); });
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const auto& line : out.found) {
    out.tokens += static_cast<double>(line.translations[0].target.size()) + 1;
    out.lines.push_back(line.translations[0].text);
  }
  return out;
}

void report_speed(const Translated& translated, int beam, Report& report) {
  const double sentences = static_cast<double>(translated.lines.size()) / translated.seconds;
  const double tokens = translated.tokens / translated.seconds;
  report.json["sentences_per_second"] = sentences;
  report.json["tokens_per_second"] = tokens;
  report.line("speed                 %6.0f  sentences a second, %.0f pieces; beam %d", sentences,
              tokens, beam);
}

void measure_reference(const Trained& trained, const fs::path& source, const fs::path& reference,
                       Pool& pool, Report& report) {
  const Model& model = trained.model;
  const int batch = trained.config.search.batch_sentences;
  const Corpus corpus = read_corpus(source, reference, model.source, model.target, 0, pool);
  const Validation v = measure(model.network, model.weights, corpus, batch, pool);
  report.json["perplexity"] = std::exp(v.cross_entropy);
  report.json["cross_entropy"] = v.cross_entropy;
  report.json["token_accuracy"] = v.accuracy;
  report.line("perplexity            %6.2f  a piece of the reference", std::exp(v.cross_entropy));
  report.line("token accuracy        %6.2f  %% of its pieces", 100 * v.accuracy);
}

AlignedPair translation_pair(const TranslatedLine& found, const std::string& source,
                             const std::string& reference) {
  const Translation& t = found.translations[0];
  AlignedPair pair = aligned_pair(source, found.source, t.text, t.target, t.attention);
  pair.log_prob = t.log_prob;
  pair.chrf = chrf({t.text}, {{reference}}, {});
  return pair;
}

// A line's translation, then its reference.
std::vector<AlignedPair> all_pairs(const Translated& translated,
                                   const std::vector<std::optional<AlignedPair>>& references,
                                   const TestSet& test) {
  std::vector<AlignedPair> out;
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (!translated.found[i].source.empty()) {
      out.push_back(translation_pair(translated.found[i], test.sources[i], test.targets[i]));
      out.back().line = i;
    }
    if (references[i]) out.push_back(*references[i]);
  }
  return out;
}

[[noreturn]] void refuse_usage(const std::string& message) {
  throw CLI::ValidationError("attn eval", message);
}

void evaluate_model(const Options& options, Report& report) {
  if (options.model.empty() == options.config.empty())
    refuse_usage(
        "give one of --config FILE, --model DIR, or --hypothesis FILE with --reference FILE");
  if (options.source.empty() != options.reference.empty())
    refuse_usage("--source and --reference go together");
  if (!options.output.empty()) check_folder_of(options.output);
  Trained trained =
      options.config.empty() ? load_trained(options.model) : load_best(options.config);
  override_trained(trained.config, options.sets, {"search.", "data.test_", "data.bleu_tokenizer"});
  const DataConfig& data = trained.config.data;
  const bool own = options.source.empty();
  if (own && data.test_source.empty())
    throw Error(trained.name +
                ": its config names no test text (data.test_source, data.test_target); give "
                "--source and --reference");
  const bool has_alignment = trained.model.network.has_alignment();
  if (!(options.gold.empty() && options.heatmaps.empty()) && !has_alignment)
    throw Error(trained.name +
                ": this model has no attention (model.attention.score \"none\") to compare with "
                "--gold-alignment or to show in --heatmap; leave it out");
  if (own) check_test_files(trained.config, trained.name);
  const fs::path source = own ? data.test_source : options.source;
  const fs::path reference = own ? data.test_target : options.reference;
  const fs::path gold = !options.gold.empty()  ? options.gold
                        : own && has_alignment ? data.test_alignment
                                               : fs::path();
  std::vector<NamedFile> written = {{"--output", options.output}};
  add_heatmap_files(options.heatmaps, written);
  check_distinct({{"--config", options.config},
                  {own ? "data.test_source" : "--source", source},
                  {own ? "data.test_target" : "--reference", reference},
                  {own ? "data.test_alignment" : "--gold-alignment", gold}},
                 written);
  for (const fs::path& text : {source, reference})
    if (fs::exists(text) && !fs::is_regular_file(text))
      throw Error(text.string() + ": is read twice, and so must be a file, not a pipe");
  const TestSet test(source, reference, gold);
  Pool pool(threads_or_all(options.threads));
  report.line("%s on %s, %zu sentences", trained.name.c_str(), source.c_str(), test.sources.size());
  const Translated translated = translate_test(trained, test, pool);
  if (!options.output.empty()) write_lines(options.output, translated.lines);
  score(translated.lines, test.targets,
        {options.tokenizer.empty() ? data.bleu_tokenizer : options.tokenizer, options.lowercase},
        report);
  measure_reference(trained, source, reference, pool, report);
  if (!test.gold.empty() || !options.heatmaps.empty()) {
    const auto pairs =
        reference_pairs(trained.model, test, trained.config.search.batch_sentences, pool);
    if (!test.gold.empty()) report_alignment(pairs, test, report);
    write_all_heatmaps(options.heatmaps, all_pairs(translated, pairs, test),
                       trained.name + " on " + source.string());
  }
  report_speed(translated, trained.config.search.beam_size, report);
}

void evaluate_text(const Options& options, Report& report) {
  if (options.reference.empty()) refuse_usage("--hypothesis needs --reference");
  if (!options.model.empty() || !options.config.empty() || !options.source.empty() ||
      !options.gold.empty() || !options.sets.empty() || !options.output.empty() ||
      !options.heatmaps.empty())
    refuse_usage(
        "--hypothesis is scored without a model; leave out --model, --config, --source, "
        "--gold-alignment, --output, --heatmap and --set");
  const auto hypotheses = read_lines(options.hypothesis), reference = read_lines(options.reference);
  check_lengths(options.hypothesis, hypotheses.size(), options.reference, reference.size());
  check_reference(options.reference, reference);
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
  const auto file = [&](const char* name, fs::path& path, const char* text) {
    sub->add_option(name, path, text)->type_name("FILE");
  };
  file("--config", options->config, "Config of a run: its best model, on its test text");
  sub->add_option("--model", options->model, "Model directory, e.g. RUN/best")->type_name("DIR");
  file("--source", options->source, "Text to translate in place of the config's test text");
  file("--reference", options->reference, "Its translation");
  file("--hypothesis", options->hypothesis,
       "Translation to score against --reference, without a model");
  file("--gold-alignment", options->gold,
       "Gold word alignments of the text: lines of i-j (sure) and i?j (possible), from 0");
  file("--output", options->output, "Keep the translations in this file");
  add_heatmap(*sub, options->heatmaps);
  sub->add_option("--tokenize", options->tokenizer,
                  "How BLEU cuts words; without it data.bleu_tokenizer, or 13a for --hypothesis")
      ->type_name("NAME")
      ->check(CLI::IsMember(tokenizers));
  sub->add_flag("--lowercase", options->lowercase, "Score without regard to case");
  sub->add_flag("--json", options->json, "Print one JSON object");
  add_set(*sub, options->sets,
          "Laid over the model's config, e.g. search.beam_size=12; may be repeated");
  add_threads(*sub, options->threads);
  sub->footer(
      "Examples:\n"
      "  attn eval --config configs/quickstart.json\n"
      "  attn eval --model RUN/best --source test.en --reference test.fr --json\n"
      "  attn eval --config configs/quickstart.json --heatmap page.html\n"
      "  attn eval --hypothesis out.fr --reference test.fr");
  sub->callback([&command, options] { command = [options] { return run(*options); }; });
}

}  // namespace attn
