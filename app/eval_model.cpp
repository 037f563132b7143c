// attn eval of one model: metrics, perplexity, alignment error rate, diagnostics, heatmaps, speed.
#include <cmath>
#include <optional>

#include "alignment/aer.h"
#include "base/error.h"
#include "diagnostics_file.h"
#include "eval.h"
#include "eval_test_set.h"
#include "metrics/chrf.h"
#include "option_builder.h"
#include "search/attention_export.h"
#include "service/forced_pairs.h"
#include "train/evaluate.h"

namespace attn {
namespace {

void write_lines(const fs::path& path, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  write_atomically(path, text);
}

// Returns the references with their attention and gold alignments; nothing for a line with an empty
// side.
std::vector<std::optional<AlignedPair>> reference_pairs(const TrainedModel& trained,
                                                        const TestSet& test, Pool& pool) {
  auto pairs = forced_pairs(trained, test.sources, test.targets(), 0, pool);
  for (std::size_t i = 0; i < test.gold.size(); ++i)
    if (pairs[i]) pairs[i]->gold = test.gold[i];
  return pairs;
}

void report_alignment(const std::vector<std::optional<AlignedPair>>& pairs, const TestSet& test,
                      EvalReport& report) {
  std::vector<std::vector<Link>> links(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (pairs[i]) links[i] = hard_links(to_words(*pairs[i]));
  const AlignmentErrorRate aer = alignment_error_rate(links, test.gold);
  report.json["alignment_error_rate"] = aer.value;
  report.json["alignment_precision"] = aer.precision;
  report.json["alignment_recall"] = aer.recall;
  report.line("alignment error rate  %6.4f  precision %.4f, recall %.4f", aer.value, aer.precision,
              aer.recall);
}

void report_speed(const TestTranslations& translated, int beam, EvalReport& report) {
  const double sentences = static_cast<double>(translated.lines.size()) / translated.seconds;
  const double tokens = translated.tokens / translated.seconds;
  report.json["sentences_per_second"] = sentences;
  report.json["tokens_per_second"] = tokens;
  report.line("speed                 %6.0f  sentences per second, %.0f subwords; beam %d",
              sentences, tokens, beam);
}

// Reports diagnostics of the translations, and writes them to `path` unless that is empty.
void report_diagnostics(const Model& model, const TestTranslations& translated, const TestSet& test,
                        const fs::path& path, EvalReport& report) {
  DiagnosticsFile file(path);
  for (std::size_t i = 0; i < translated.found.size(); ++i) {
    const TranslatedLine& found = translated.found[i];
    if (found.source.empty()) {
      file.add(i, words_or_empty(std::nullopt));
      continue;
    }
    const Translation& t = found.translations[0];
    file.add(i, to_words(aligned_pair(model.source, test.sources[i], found.source, t.text, t.target,
                                      t.attention)));
  }
  file.finish();
  report.json["attention"] = to_json(file.summary());
  report.text += summary_text(file.summary());
}

void report_reference(const TrainedModel& trained, const TestFiles& files, Pool& pool,
                      EvalReport& report) {
  const Model& model = trained.model;
  const Corpus corpus =
      read_corpus(files.source, files.references.front(), model.source, model.target, 0, pool);
  SingleProcess process;
  const CorpusLoss v = measure(model.network, Weights(model.weights), corpus, {pool, process});
  report.json["perplexity"] = std::exp(v.cross_entropy);
  report.json["cross_entropy"] = v.cross_entropy;
  report.json["token_accuracy"] = v.accuracy;
  report.line("perplexity            %6.2f  per subword of the reference",
              std::exp(v.cross_entropy));
  report.line("token accuracy        %6.2f  %% of the subwords of the reference", 100 * v.accuracy);
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

// Returns, for each line, its translation and its reference.
std::vector<AlignedPair> all_pairs(const Model& model, const TestTranslations& translated,
                                   const std::vector<std::optional<AlignedPair>>& references,
                                   const TestSet& test) {
  std::vector<AlignedPair> out;
  const Weights weights(model.weights);
  for (std::size_t i = 0; i < references.size(); ++i) {
    const TranslatedLine& found = translated.found[i];
    if (found.source.empty()) continue;
    AlignedPair pair =
        translation_pair(model.source, found, test.sources[i], test.references_of(i));
    pair.line = i;
    add_encoder_attention(model, weights, found.source, pair);
    out.push_back(std::move(pair));
    if (!references[i]) continue;
    AlignedPair reference = *references[i];
    reference.encoder = out.back().encoder;  // the same source
    out.push_back(std::move(reference));
  }
  return out;
}

void check_options_of_model(const EvalOptions& options) {
  if (options.models.empty() == options.config.empty())
    usage_error("eval",
                "give one of --config FILE, --model DIR, or --hypothesis FILE with --reference "
                "FILE");
  check_text_options(options);
  if (options.index_base != 0 && options.gold.empty())
    usage_error("eval", "--index-base has no effect without --gold-alignment; leave it out");
  check_heatmap_usage(options.heatmaps);
  if (!options.output.empty()) check_parent_directory(options.output);
}

void check_attention_options(const EvalOptions& options, const TrainedModel& trained) {
  const bool needs_attention =
      !options.gold.empty() || !options.heatmaps.empty() || !options.diagnostics.empty();
  if (needs_attention && !trained.model.network.has_alignment())
    throw Error(trained.name +
                ": this model has no attention (model.attention.score \"none\"); leave out "
                "--gold-alignment, --heatmap and --diagnostics");
}

// Returns the file of gold alignments, or an empty path if there is none.
fs::path gold_file(const EvalOptions& options, const TrainedModel& trained,
                   const TestFiles& files) {
  if (!options.gold.empty()) return options.gold;
  const bool applies = files.from_config && trained.model.network.has_alignment();
  return applies ? trained.config.data.test_alignment : fs::path();
}

void check_files_of_model(const EvalOptions& options, const TestFiles& files,
                          const fs::path& gold) {
  std::vector<NamedFile> written = {{"--output", options.output},
                                    {"--diagnostics", options.diagnostics}};
  add_heatmap_files(options.heatmaps, written);
  add_by_length_file(options.by_length, written);
  std::vector<NamedFile> read = files.named();
  read.push_back({"--config", options.config});
  read.push_back({files.from_config ? "data.test_alignment" : "--gold-alignment", gold});
  check_distinct(read, written);
  for (const fs::path& text : {files.source, files.references.front()})
    if (fs::exists(text) && !fs::is_regular_file(text))
      throw Error(text.string() + ": is read twice, so it must be a file, not a pipe");
}

// Reports the alignment error rate if there are gold alignments, and writes the heatmaps.
void report_attention(const EvalOptions& options, const TrainedModel& trained,
                      const TestTranslations& translated, const TestSet& test,
                      const std::string& title, Pool& pool, EvalReport& report) {
  if (test.gold.empty() && options.heatmaps.empty()) return;
  const auto references = reference_pairs(trained, test, pool);
  if (!test.gold.empty()) report_alignment(references, test, report);
  write_all_heatmaps(options.heatmaps, all_pairs(trained.model, translated, references, test),
                     title);
}

}  // namespace

void evaluate_model(const EvalOptions& options, EvalReport& report) {
  check_options_of_model(options);
  const TrainedModel trained = overridden(
      options.config.empty() ? load_model(options.models.front()) : load_best_model(options.config),
      options.settings);
  const TestFiles files = test_files(options, trained);
  check_attention_options(options, trained);
  const fs::path gold = gold_file(options, trained, files);
  check_files_of_model(options, files, gold);
  const TestSet test(files, gold, options.index_base);
  const std::string& tokenizer = trained.config.data.bleu_tokenizer;
  Pool pool(worker_threads(options.threads));

  report.line("%s on %s, %zu sentences", trained.name.c_str(), files.source.c_str(),
              test.sources.size());
  const TestTranslations translated = translate_test(trained, test, pool);
  if (!options.output.empty()) write_lines(options.output, translated.lines);
  report.add(
      report_metrics(translated.lines, test.references, metric_report_options(options, tokenizer)));
  add_by_length(options, {{trained.name, translated.lines}}, test.sources, test.references,
                tokenizer, report);
  if (trained.model.network.has_alignment())
    report_diagnostics(trained.model, translated, test, options.diagnostics, report);
  report_reference(trained, files, pool, report);
  report_attention(options, trained, translated, test,
                   trained.name + " on " + files.source.string(), pool, report);
  report_speed(translated, trained.config.search.beam_size, report);
}

}  // namespace attn
