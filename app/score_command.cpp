// attn score: log-probabilities of given translations, one by one or in n-best lists.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include <unistd.h>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/strings.h"
#include "commands.h"
#include "exit_code.h"
#include "file_checks.h"
#include "line_writer.h"
#include "model_options.h"
#include "mpi/processes.h"
#include "option_builder.h"
#include "pair_reader.h"
#include "progress_line.h"
#include "search/forced_decoding.h"
#include "search/translate.h"
#include "service/forced_pairs.h"

namespace attn {
namespace {

struct ScoreCommandOptions {
  std::vector<fs::path> models;
  fs::path source, target, n_best, output = "-";
  std::vector<std::string> settings;
  int threads = 0;
  Part part;
};

struct ScoredPair {
  std::vector<Tokenizer::Piece> target;
  // Log-probabilities of the target subwords and the end of sentence; empty if a side is empty.
  std::vector<double> log_probs;

  bool is_scored() const { return !log_probs.empty(); }
  double log_prob() const { return std::accumulate(log_probs.begin(), log_probs.end(), 0.0); }
};

// Sets log_probs[t] = ln (mean over the models of p_t), the probabilities of an ensemble.
void average_probabilities(std::span<const std::vector<ForcedDecoding>> forced, std::size_t pair,
                           std::vector<double>& log_probs) {
  for (std::size_t t = 0; t < log_probs.size(); ++t) {
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (const auto& of_model : forced) largest = std::max(largest, of_model[pair].log_probs[t]);
    for (const auto& of_model : forced) sum += std::exp(of_model[pair].log_probs[t] - largest);
    log_probs[t] = largest + std::log(sum / static_cast<double>(forced.size()));
  }
}

// A line "number ||| text ||| …" of an n-best list.
struct NbestLine {
  std::size_t number;
  std::string text, line;
};

NbestLine parse_n_best(const std::string& line, const fs::path& file, std::size_t line_number,
                       std::size_t sources) {
  constexpr std::string_view kBar = " ||| ";
  const std::string where = file.string() + ":" + std::to_string(line_number) + ": ";
  const std::size_t bar = line.find(kBar);
  std::size_t number = 0;
  const char* const number_end = line.data() + std::min(bar, line.size());
  const auto [end, error] = std::from_chars(line.data(), number_end, number);
  if (bar == std::string::npos || error != std::errc() || end != number_end)
    throw Error(where +
                "expected \"number ||| translation\", optionally followed by more ||| fields");
  if (number >= sources)
    throw Error(where + "number " + std::to_string(number) + " is too large for a source text of " +
                std::to_string(sources) + " lines, counted from 0");
  const std::size_t begin = bar + kBar.size();
  return {number, line.substr(begin, line.find(kBar, begin) - begin), line};
}

class PairScorer {
 public:
  PairScorer(const ScoreCommandOptions& options, std::vector<const Model*> models,
             const SearchConfig& search)
      : options_(options),
        models_(std::move(models)),
        search_(search),
        scoring_function_(scoring_function(search)),
        pool_(worker_threads(options.threads)),
        output_(options.output),
        as_json_(options.output.extension() == ".jsonl"),
        progress_("scored", 0, options.output != "-" || isatty(STDOUT_FILENO) != 1) {}

  void score_pairs() {
    PairReader reader(options_.source, options_.target, options_.part);
    std::vector<std::string> sources, targets;
    while (reader.next(kPairsPerBlock, sources, targets)) {
      const auto scored = score(sources, targets);
      std::size_t line = reader.first_line();
      for (std::size_t i = 0; i < scored.size(); ++i, ++line)
        output_.line(as_json_ ? json_line(line, targets[i], scored[i]) : table_line(scored[i]));
      output_.flush();
    }
    output_.finish();
  }

  // Writes the translations of each source line, the best one first.
  void rerank_n_best() {
    const auto sources = read_lines(options_.source);
    LineReader reader(options_.n_best);
    std::vector<NbestLine> block;
    std::vector<bool> seen(sources.size(), false);
    std::size_t last = 0;
    std::string line;
    while (reader.next(line)) {
      NbestLine next = parse_n_best(line, options_.n_best, reader.line_number(), sources.size());
      if (seen[next.number] && next.number != last)
        throw Error(options_.n_best.string() + ":" + std::to_string(reader.line_number()) +
                    ": number " + std::to_string(next.number) +
                    " appears again after other numbers; sort the list by number (sort -s -n)");
      seen[next.number] = true, last = next.number;
      if (!options_.part.has(next.number)) continue;
      // All translations of a source line must be in one block.
      if (block.size() >= kPairsPerBlock && next.number != block.back().number)
        rerank(sources, block);
      block.push_back(std::move(next));
    }
    rerank(sources, block);
    output_.finish();
  }

 private:
  std::vector<ScoredPair> score(std::span<const std::string> sources,
                                std::span<const std::string> targets) {
    std::vector<std::vector<ForcedDecoding>> forced;
    for (const Model* model : models_)
      forced.push_back(score_targets(*model, sources, targets, search_.batch_size, pool_));
    std::vector<ScoredPair> out;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      out.push_back({std::move(forced[0][i].target), forced[0][i].log_probs});
      if (forced.size() > 1) average_probabilities(forced, i, out.back().log_probs);
    }
    progress_.advance(sources.size());
    return out;
  }

  // Returns the log-probability after the length penalty.
  double score_of(const ScoredPair& pair) const {
    return scoring_function_.normalized(pair.log_prob(), static_cast<int>(pair.log_probs.size()));
  }

  // Returns the log-probability and the score, or nan for both if a side is empty.
  std::string numbers(const ScoredPair& pair, const char* separator) const {
    if (!pair.is_scored()) return std::string("nan") + separator + "nan";
    return format("%.6f%s%.6f", pair.log_prob(), separator, score_of(pair));
  }

  std::string table_line(const ScoredPair& pair) const {
    return numbers(pair, "\t") + "\t" + std::to_string(pair.log_probs.size());
  }

  std::string json_line(std::size_t line, const std::string& target, const ScoredPair& pair) const {
    Json json = {{"line", line}, {"log_prob", nullptr}, {"score", nullptr}};
    if (pair.is_scored()) json["log_prob"] = pair.log_prob(), json["score"] = score_of(pair);
    json["tokens"] = tokens_json(target, pair.target, pair.log_probs);
    return to_line(json);
  }

  // Writes a block of n-best lines, those of each source line in the order of their scores.
  void rerank(const std::vector<std::string>& sources, std::vector<NbestLine>& block) {
    std::vector<std::string> from, to;
    for (const NbestLine& line : block)
      from.push_back(sources[line.number]), to.push_back(line.text);
    const auto scored = score(from, to);
    std::vector<std::size_t> order(block.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto better = [&](std::size_t a, std::size_t b) {
      if (!scored[a].is_scored() || !scored[b].is_scored())
        return scored[a].is_scored() && !scored[b].is_scored();
      return score_of(scored[a]) > score_of(scored[b]);
    };
    for (auto begin = order.begin(); begin != order.end();) {
      const std::size_t number = block[*begin].number;
      const auto end = std::find_if(begin, order.end(),
                                    [&](std::size_t i) { return block[i].number != number; });
      std::stable_sort(begin, end, better);
      begin = end;
    }
    for (const std::size_t i : order)
      output_.line(block[i].line + " ||| " + numbers(scored[i], " ||| "));
    output_.flush();
    block.clear();
  }

  const ScoreCommandOptions& options_;
  std::vector<const Model*> models_;
  const SearchConfig& search_;
  ScoringFunction scoring_function_;
  Pool pool_;
  LineWriter output_;
  bool as_json_;
  ProgressLine progress_;
};

int run_score(const ScoreCommandOptions& options) {
  if (options.target.empty() == options.n_best.empty())
    usage_error("score", "give either --target FILE or --n-best FILE");
  if (!options.n_best.empty() && options.output.extension() == ".jsonl")
    usage_error("score",
                "--n-best writes an n-best list, not JSON lines; choose a name for --output that "
                "does not end in .jsonl");
  if (options.output != "-" && options.part.is_whole()) check_not_launched("score");
  std::vector<NamedFile> read = named_models(options.models);
  read.insert(
      read.end(),
      {{"--source", options.source}, {"--target", options.target}, {"--n-best", options.n_best}});
  check_distinct(std::move(read), {{"--output", options.output}});
  const std::vector<TrainedModel> models = load_ensemble(options.models);
  Config config = models[0].config;
  override_trained(config, options.settings,
                   {"search.length_penalty", "search.length_penalty_alpha", "search.batch_size"});
  PairScorer scorer(options, pointers_to(models), config.search);
  options.n_best.empty() ? scorer.score_pairs() : scorer.rerank_n_best();
  return kSuccess;
}

}  // namespace

void add_score(CLI::App& app, Command& command) {
  auto options = std::make_shared<ScoreCommandOptions>();
  CLI::App* sub = app.add_subcommand(
      "score", "Compute log-probabilities of given translations, for reranking or filtering");
  OptionBuilder add(*sub);
  add.group("Input");
  add.models("--model", options->models,
             "Model, e.g. RUN/best or en-fr.attn; repeated: an ensemble")
      ->required();
  add.file("--source", options->source, "Source text, plain or .gz")->required();
  add.file("--target", options->target, "Translation of the source text, line by line");
  add.file("--n-best", options->n_best,
           "N-best list instead of --target, in lines of number ||| translation, with source lines "
           "numbered from 0");
  add.set(options->settings,
          "Override search.length_penalty, search.length_penalty_alpha or search.batch_size");
  add.part(options->part);
  add.group("Output");
  add.text_output("--output", options->output,
                  "Table, or JSON lines with all subwords (.jsonl); -: stdout");
  add.group("Performance");
  add.threads(options->threads);
  sub->footer(
      "The table has three columns, separated by tabs: log-probability in nats, score after the\n"
      "length penalty, number of target subwords with the end of sentence. Lines of an n-best "
      "list\n"
      "are returned with ||| log-probability ||| score appended, the best translation first.\n"
      "\n"
      "Examples:\n"
      "  attn score --model RUN/best --source test.en --target test.fr\n"
      "  attn score --model A/best --model B/best --source test.en --n-best nbest.txt > "
      "reranked.txt");
  set_action(*sub, command, options, run_score);
}

}  // namespace attn
