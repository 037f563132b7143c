#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <optional>
#include <span>

#include "alignment/aer.h"
#include "base/error.h"
#include "base/file.h"
#include "by_length.h"
#include "commands.h"
#include "common.h"
#include "metric_report.h"
#include "metrics/chrf.h"
#include "search/translate.h"
#include "train/validate.h"

namespace attn {
namespace {

struct EvalOptions {
  fs::path config, source, gold, output, diagnostics;
  std::vector<fs::path> models, references, hypotheses;
  Heatmaps heatmaps;
  std::vector<std::string> sets;
  std::string tokenizer;  // empty: not given
  MetricOptions metric;
  Resampling resampling;
  ByLengthOptions by_length;
  bool confidence = false, json = false, resampled = false;
  int index_base = 0, threads = 0;
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

void report_scores(const Scores& scores, Report& report) {
  report.json.update(scores.json);
  report.text += scores.text;
}

ScoreOptions score_options(const EvalOptions& options, const std::string& tokenizer) {
  ScoreOptions out = {options.metric, {}};
  out.metric.tokenizer = options.tokenizer.empty() ? tokenizer : options.tokenizer;
  if (options.confidence) out.resampling = options.resampling;
  return out;
}

// Before the work: no score is defined for a line without any reference. `file` is the first.
void check_references(const fs::path& file, std::span<const std::vector<std::string>> references) {
  const std::size_t lines = references.front().size();
  if (lines == 0) throw Error(file.string() + ": empty; there is nothing to evaluate");
  for (std::size_t line = 0; line < lines; ++line)
    if (std::all_of(references.begin(), references.end(),
                    [&](const auto& reference) { return reference[line].empty(); }))
      throw Error(file.string() + ":" + std::to_string(line + 1) +
                  ": an empty reference; take the line out of all files");
}

// The files of references to a text of so many lines.
References read_references(const fs::path& text_file, std::size_t lines,
                           const std::vector<fs::path>& files) {
  References out;
  for (const fs::path& file : files) {
    out.push_back(read_lines(file));
    check_lengths(text_file, lines, file, out.back().size());
  }
  return out;
}

// What a model is evaluated on; of several references the first is what it is forced to say.
struct TestSet {
  TestSet(const fs::path& source_file, const std::vector<fs::path>& target_files,
          const fs::path& gold_file, int index_base)
      : sources(read_lines(source_file)),
        references(read_references(source_file, sources.size(), target_files)) {
    check_references(target_files.front(), std::span(references).first(1));
    if (!gold_file.empty()) gold = read_gold(gold_file, index_base, sources, targets());
  }

  const std::vector<std::string>& targets() const { return references.front(); }
  std::vector<std::string> references_of(std::size_t line) const {
    std::vector<std::string> out;
    for (const auto& reference : references) out.push_back(reference[line]);
    return out;
  }

  std::vector<std::string> sources;
  References references;
  std::vector<GoldLinks> gold;  // empty: not known
};

void write_lines(const fs::path& path, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  write_atomically(path, text);
}

// Of each line with its reference; none where a side is empty.
std::vector<std::optional<AlignedPair>> reference_pairs(const Trained& trained, const TestSet& test,
                                                        Pool& pool) {
  auto pairs = forced_pairs(trained, test.sources, test.targets(), 0, pool);
  for (std::size_t i = 0; i < test.gold.size(); ++i)
    if (pairs[i]) pairs[i]->gold = test.gold[i];
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
      translate(models, {test.sources}, search, pool, [&](std::size_t n) { progress.advance(n); });
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

// What the weights of the translations tell.
void report_diagnostics(const Model& model, const Translated& translated, const TestSet& test,
                        const fs::path& path, Report& report) {
  DiagnosticsFile file(path);
  for (std::size_t i = 0; i < translated.found.size(); ++i) {
    const TranslatedLine& found = translated.found[i];
    if (found.source.empty()) {
      file.add(i, {{}, {}, {}, false, false});
      continue;
    }
    const Translation& t = found.translations[0];
    file.add(i, words_of(aligned_pair(model.source, test.sources[i], found.source, t.text, t.target,
                                      t.attention)));
  }
  file.finish();
  report.json["attention"] = to_json(file.summary());
  report.text += summary_text(file.summary());
}

void measure_reference(const Trained& trained, const fs::path& source, const fs::path& reference,
                       Pool& pool, Report& report) {
  const Model& model = trained.model;
  const Corpus corpus = read_corpus(source, reference, model.source, model.target, 0, pool);
  const Validation v = measure(model.network, model.weights, corpus, pool);
  report.json["perplexity"] = std::exp(v.cross_entropy);
  report.json["cross_entropy"] = v.cross_entropy;
  report.json["token_accuracy"] = v.accuracy;
  report.line("perplexity            %6.2f  a piece of the reference", std::exp(v.cross_entropy));
  report.line("token accuracy        %6.2f  %% of its pieces", 100 * v.accuracy);
}

AlignedPair translation_pair(const Tokenizer& tokenizer, const TranslatedLine& found,
                             const std::string& source,
                             const std::vector<std::string>& references) {
  const Translation& t = found.translations[0];
  AlignedPair pair = aligned_pair(tokenizer, source, found.source, t.text, t.target, t.attention);
  pair.log_prob = t.log_prob;
  References of_line;
  for (const std::string& reference : references) of_line.push_back({reference});
  pair.chrf = text_score(chrf_metric({}), {t.text}, of_line);
  return pair;
}

// A line's translation, then its reference.
std::vector<AlignedPair> all_pairs(const Model& model, const Translated& translated,
                                   const std::vector<std::optional<AlignedPair>>& references,
                                   const TestSet& test) {
  std::vector<AlignedPair> out;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const TranslatedLine& found = translated.found[i];
    if (found.source.empty()) continue;
    AlignedPair pair =
        translation_pair(model.source, found, test.sources[i], test.references_of(i));
    pair.line = i;
    add_encoder_attention(model, found.source, pair);
    out.push_back(std::move(pair));
    if (!references[i]) continue;
    AlignedPair reference = *references[i];
    reference.encoder = out.back().encoder;  // it reads the same source
    out.push_back(std::move(reference));
  }
  return out;
}

[[noreturn]] void refuse_usage(const std::string& message) {
  throw CLI::ValidationError("attn eval", message);
}

void check_texts(const EvalOptions& options) {
  if (options.source.empty() != options.references.empty())
    refuse_usage("--source and --reference go together");
}

Trained overridden(Trained trained, const std::vector<std::string>& sets) {
  override_trained(trained.config, sets, {"search.", "data.test_", "data.bleu_tokenizer"});
  return trained;
}

// What --source and --reference name, else the test text of the model's config.
struct TestFiles {
  bool own;  // the model's
  fs::path source;
  std::vector<fs::path> references;

  std::vector<NamedFile> named() const {
    std::vector<NamedFile> out = {{own ? "data.test_source" : "--source", source}};
    for (const fs::path& file : references)
      out.push_back({own ? "data.test_target" : "--reference", file});
    return out;
  }
};

TestFiles test_files(const EvalOptions& options, const Trained& trained) {
  if (!options.source.empty()) return {false, options.source, options.references};
  const DataConfig& data = trained.config.data;
  if (data.test_source.empty())
    throw Error(trained.name +
                ": its config names no test text (data.test_source, data.test_target); give "
                "--source and --reference");
  check_test_files(trained.config, trained.name);
  return {true, data.test_source, {data.test_target}};
}

void report_by_length(const EvalOptions& options, const std::vector<System>& systems,
                      const std::vector<std::string>& sources, const References& references,
                      const std::string& tokenizer, Report& report) {
  const MetricOptions metric = score_options(options, tokenizer).metric;
  if (options.by_length.wanted())
    report_scores(by_length(systems, sources, references, metric, options.by_length), report);
}

// Several models on one text, as if their translations had been given.
void compare_models(const EvalOptions& options, Report& report) {
  check_texts(options);
  if (!options.config.empty() || !options.gold.empty() || options.index_base != 0 ||
      !options.output.empty() || !options.heatmaps.empty() || !options.diagnostics.empty())
    refuse_usage(
        "several --model are compared by their scores; leave out --config, --gold-alignment, "
        "--index-base, --output, --heatmap and --diagnostics");
  std::vector<Trained> models;
  for (const fs::path& folder : options.models)
    models.push_back(overridden(load_trained(folder), options.sets));
  const TestFiles files = test_files(options, models.front());
  std::vector<NamedFile> written;
  add_by_length_file(options.by_length, written);
  check_distinct(files.named(), written);
  const TestSet test(files.source, files.references, {}, 0);
  Pool pool(threads_or_all(options.threads));
  std::vector<System> systems;
  for (const Trained& trained : models)
    systems.push_back({trained.name, translate_test(trained, test, pool).lines});
  const std::string& tokenizer = models.front().config.data.bleu_tokenizer;
  report.line("%s, %zu sentences", files.source.c_str(), test.sources.size());
  report_scores(compare(systems, test.references, score_options(options, tokenizer).metric,
                        options.resampling),
                report);
  report_by_length(options, systems, test.sources, test.references, tokenizer, report);
}

void evaluate_model(const EvalOptions& options, Report& report) {
  if (options.models.empty() == options.config.empty())
    refuse_usage(
        "give one of --config FILE, --model DIR, or --hypothesis FILE with --reference FILE");
  check_texts(options);
  if (!options.output.empty()) check_folder_of(options.output);
  const Trained trained = overridden(
      options.config.empty() ? load_trained(options.models.front()) : load_best(options.config),
      options.sets);
  const DataConfig& data = trained.config.data;
  const TestFiles files = test_files(options, trained);
  const fs::path& source = files.source;
  const std::vector<fs::path>& references = files.references;
  const bool has_alignment = trained.model.network.has_alignment();
  if (options.index_base != 0 && options.gold.empty())
    refuse_usage("--index-base is that of --gold-alignment, which is not given");
  if (!(options.gold.empty() && options.heatmaps.empty() && options.diagnostics.empty()) &&
      !has_alignment)
    throw Error(trained.name +
                ": this model has no attention (model.attention.score \"none\") to compare with "
                "--gold-alignment or to show in --heatmap and --diagnostics; leave it out");
  const fs::path gold = !options.gold.empty()        ? options.gold
                        : files.own && has_alignment ? data.test_alignment
                                                     : fs::path();
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--diagnostics", options.diagnostics}};
  add_heatmap_files(options.heatmaps, written);
  add_by_length_file(options.by_length, written);
  std::vector<NamedFile> read = files.named();
  read.push_back({"--config", options.config});
  read.push_back({files.own ? "data.test_alignment" : "--gold-alignment", gold});
  check_distinct(read, written);
  for (const fs::path& text : {source, references.front()})
    if (fs::exists(text) && !fs::is_regular_file(text))
      throw Error(text.string() + ": is read twice, and so must be a file, not a pipe");
  const TestSet test(source, references, gold, options.index_base);
  Pool pool(threads_or_all(options.threads));
  report.line("%s on %s, %zu sentences", trained.name.c_str(), source.c_str(), test.sources.size());
  const Translated translated = translate_test(trained, test, pool);
  if (!options.output.empty()) write_lines(options.output, translated.lines);
  report_scores(
      score(translated.lines, test.references, score_options(options, data.bleu_tokenizer)),
      report);
  report_by_length(options, {{trained.name, translated.lines}}, test.sources, test.references,
                   data.bleu_tokenizer, report);
  if (has_alignment)
    report_diagnostics(trained.model, translated, test, options.diagnostics, report);
  measure_reference(trained, source, references.front(), pool, report);
  if (!test.gold.empty() || !options.heatmaps.empty()) {
    const auto pairs = reference_pairs(trained, test, pool);
    if (!test.gold.empty()) report_alignment(pairs, test, report);
    write_all_heatmaps(options.heatmaps, all_pairs(trained.model, translated, pairs, test),
                       trained.name + " on " + source.string());
  }
  report_speed(translated, trained.config.search.beam_size, report);
}

void check_only_text(const EvalOptions& options) {
  if (options.references.empty()) refuse_usage("--hypothesis needs --reference");
  if (options.threads != 0)
    refuse_usage("--hypothesis is scored on one thread; leave out --threads");
  const bool by_length = options.by_length.wanted();
  if (by_length && options.source.empty())
    refuse_usage("--by-length needs --source, of which --hypothesis is a translation");
  if (!options.models.empty() || !options.config.empty() ||
      (!options.source.empty() && !by_length) || !options.gold.empty() || !options.sets.empty() ||
      !options.output.empty() || !options.heatmaps.empty() || !options.diagnostics.empty() ||
      options.index_base != 0)
    refuse_usage(
        "--hypothesis is scored without a model; leave out --model, --config, --source (but for "
        "--by-length), --gold-alignment, --index-base, --output, --heatmap, --diagnostics and "
        "--set");
}

// Before the work; none without --by-length.
std::vector<std::string> read_sources(const EvalOptions& options, std::size_t lines) {
  std::vector<NamedFile> read = {{"--source", options.source}}, written;
  for (const fs::path& file : options.hypotheses) read.push_back({"--hypothesis", file});
  for (const fs::path& file : options.references) read.push_back({"--reference", file});
  add_by_length_file(options.by_length, written);
  check_distinct(read, written);
  if (options.source.empty()) return {};
  std::vector<std::string> sources = read_lines(options.source);
  check_lengths(options.source, sources.size(), options.references.front(), lines);
  return sources;
}

void evaluate_text(const EvalOptions& options, Report& report) {
  check_only_text(options);
  std::vector<System> systems;
  for (const fs::path& file : options.hypotheses)
    systems.push_back({file.string(), read_lines(file)});
  const std::size_t lines = systems.front().lines.size();
  const References references =
      read_references(options.hypotheses.front(), lines, options.references);
  for (const System& system : systems)
    check_lengths(system.name, system.lines.size(), options.references.front(), lines);
  check_references(options.references.front(), references);
  const auto sources = read_sources(options, lines);
  const ScoreOptions scoring = score_options(options, "13a");
  report_scores(systems.size() == 1
                    ? score(systems.front().lines, references, scoring)
                    : compare(systems, references, scoring.metric, options.resampling),
                report);
  report_by_length(options, systems, sources, references, "13a", report);
}

int run_eval(const EvalOptions& options) {
  const bool compares = options.hypotheses.size() > 1 || options.models.size() > 1;
  if (options.resampled && !options.confidence && !compares)
    refuse_usage("--samples and --seed are those of --confidence, which is not given");
  Report report;
  if (!options.hypotheses.empty())
    evaluate_text(options, report);
  else if (options.models.size() > 1)
    compare_models(options, report);
  else
    evaluate_model(options, report);
  std::cout << (options.json ? to_text(report.json) : report.text);
  return 0;
}

std::vector<std::string> tokenizers() {
  std::vector<std::string> names;
  for (const auto& choice : bleu_tokenizers().choices()) names.push_back(choice.name);
  return names;
}

std::string check_tokenizer(const std::string& name) {
  for (const auto& [missing, why] : missing_tokenizers())
    if (name == missing) return missing + " " + why;
  return CLI::IsMember(tokenizers())(name);
}

void add_scoring(CLI::App& command, EvalOptions& options) {
  command.option_defaults()->group("Scores");
  command
      .add_option(
          "--tokenize", options.tokenizer,
          "How BLEU cuts words; without it as data.bleu_tokenizer says, --hypothesis as 13a")
      ->type_name("NAME")
      ->check(CLI::Validator(check_tokenizer, CLI::IsMember(tokenizers()).get_description()));
  const auto flag = [&](const char* name, bool& value, const char* text) {
    command.add_flag(name, value, text);
  };
  TercomOptions& ter = options.metric.tercom;
  flag("--lowercase", options.metric.lowercase, "BLEU and chrF without regard to case");
  flag("--ter-case-sensitive", ter.case_sensitive, "TER with regard to case");
  flag("--ter-normalized", ter.normalized, "TER splits off punctuation");
  flag("--ter-no-punct", ter.no_punctuation, "TER without punctuation");
  flag("--ter-asian-support", ter.asian,
       "Chinese and Japanese characters too for --ter-normalized and --ter-no-punct");
  command.option_defaults()->group("Confidence");
  flag("--confidence", options.confidence,
       "95% intervals by bootstrap; comes by itself with several --hypothesis or --model");
  command.add_option("--samples", options.resampling.samples, "Resamples of a bootstrap")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000))
      ->each([&](const std::string&) { options.resampled = true; })
      ->capture_default_str();
  command
      .add_option("--seed", options.resampling.seed,
                  "Of a bootstrap; with sacreBLEU's, the default, it draws the same lines")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->each([&](const std::string&) { options.resampled = true; })
      ->capture_default_str();
}

}  // namespace

void add_eval(CLI::App& app, Command& command) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* sub = app.add_subcommand(
      "eval", "Score a model or translations: BLEU, chrF, TER, perplexity, alignment error rate");
  const auto file = [&](const char* name, fs::path& path, const char* text) {
    sub->add_option(name, path, text)->type_name("FILE");
  };
  sub->option_defaults()->group("What is scored");
  file("--config", options->config, "Config of a run: its best model, on its test text");
  sub->add_option("--model", options->models,
                  "Model directory, e.g. RUN/best; repeated: the others are compared with the "
                  "first, on its test text if none is given")
      ->type_name("DIR")
      ->allow_extra_args(false);
  file("--source", options->source,
       "Text to translate in place of the config's test text; with --hypothesis, for --by-length");
  sub->add_option(
         "--reference", options->references,
         "Its translation by a human; may be repeated: the scores use all, what a model is "
         "forced to say is the first")
      ->type_name("FILE")
      ->allow_extra_args(false);
  sub->add_option("--hypothesis", options->hypotheses,
                  "Translation to score against --reference, without a model; may be repeated: the "
                  "others are compared with the first by paired bootstrap")
      ->type_name("FILE")
      ->allow_extra_args(false);
  file("--gold-alignment", options->gold,
       "Gold word alignments of the text: lines of i-j (sure) and i?j (possible), from 0");
  add_index_base(*sub, options->index_base, "--gold-alignment");
  add_set(*sub, options->sets,
          "StridedMatrix over the model's config, e.g. search.beam_size=12; may be repeated");
  sub->option_defaults()->group("What is told");
  file("--output", options->output, "Keep the translations in this file");
  add_diagnostics(*sub, options->diagnostics);
  add_heatmap(*sub, options->heatmaps);
  sub->add_flag("--json", options->json, "Print one JSON object");
  add_scoring(*sub, *options);
  sub->option_defaults()->group("By length");
  add_by_length(*sub, options->by_length);
  sub->option_defaults()->group("Machine");
  add_threads(*sub, options->threads);
  sub->footer(
      std::string(kAlignmentRules) +
      "Examples:\n"
      "  attn eval --config configs/quickstart.json\n"
      "  attn eval --model RUN/best --source test.en --reference test.fr --json\n"
      "  attn eval --config configs/quickstart.json --heatmap page.html\n"
      "  attn eval --hypothesis out.fr --reference test.fr --confidence\n"
      "  attn eval --hypothesis baseline.fr --hypothesis new.fr --reference test.fr\n"
      "  attn eval --model A/best --model B/best --by-length --by-length-figure lengths.svg");
  sub->callback([&command, options] { command = [options] { return run_eval(*options); }; });
}

}  // namespace attn
