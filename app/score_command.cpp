#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

#include <unistd.h>

#include "base/error.h"
#include "commands.h"
#include "common.h"
#include "line_writer.h"
#include "pair_reader.h"
#include "search/forced_decoding.h"
#include "search/translate.h"

namespace attn {
namespace {

constexpr std::size_t kRescoredAtOnce = 8192;  // pairs read before they are scored

struct RescoreOptions {
  std::vector<fs::path> models;
  fs::path source, target, n_best, output = "-";
  std::vector<std::string> sets;
  int threads = 0;
};

// What the models think of a pair.
struct Scored {
  std::vector<Tokenizer::Piece> target;
  std::vector<double> log_probs;  // of each piece and the end of sentence; none: an empty side

  bool known() const { return !log_probs.empty(); }
  double sum() const { return std::accumulate(log_probs.begin(), log_probs.end(), 0.0); }
};

// ln of the mean over the models of exp x, piece by piece, as an ensemble has it.
void mean_in_log(std::span<const std::vector<ForcedDecoding>> forced, std::size_t pair,
                 std::vector<double>& log_probs) {
  for (std::size_t t = 0; t < log_probs.size(); ++t) {
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    for (const auto& of_model : forced) most = std::max(most, of_model[pair].log_probs[t]);
    for (const auto& of_model : forced) sum += std::exp(of_model[pair].log_probs[t] - most);
    log_probs[t] = most + std::log(sum / static_cast<double>(forced.size()));
  }
}

// "number ||| text ||| …", as attn translate and others write n-best lists.
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
    throw Error(where + "must be \"number ||| translation\", and what else behind another |||");
  if (number >= sources)
    throw Error(where + "number " + std::to_string(number) + " of a text of " +
                std::to_string(sources) + " lines, which are counted from 0");
  const std::size_t begin = bar + kBar.size();
  return {number, line.substr(begin, line.find(kBar, begin) - begin), line};
}

class Rescorer {
 public:
  Rescorer(const RescoreOptions& options, std::span<const Model* const> models,
           const SearchConfig& search)
      : options_(options),
        models_(models),
        search_(search),
        rule_(scoring_function(search)),
        pool_(threads_or_all(options.threads)),
        output_(options.output),
        as_json_(options.output.extension() == ".jsonl"),
        progress_("scored", 0, options.output != "-" || isatty(STDOUT_FILENO) != 1) {}

  void pairs() {
    PairReader reader(options_.source, options_.target);
    std::vector<std::string> sources, targets;
    std::size_t line = 0;
    while (reader.next(kRescoredAtOnce, sources, targets)) {
      const auto scored = score(sources, targets);
      for (std::size_t i = 0; i < scored.size(); ++i, ++line)
        output_.line(as_json_ ? json_line(line, targets[i], scored[i]) : table_line(scored[i]));
      output_.flush();
    }
    output_.finish();
  }

  // Each sentence's translations in the order of their new scores.
  void n_best() {
    const auto sources = read_lines(options_.source);
    LineReader reader(options_.n_best);
    std::vector<NbestLine> block;
    std::vector<bool> seen(sources.size(), false);
    std::size_t before = 0;
    std::string line;
    while (reader.next(line)) {
      NbestLine next = parse_n_best(line, options_.n_best, reader.line_number(), sources.size());
      if (seen[next.number] && next.number != before)
        throw Error(options_.n_best.string() + ":" + std::to_string(reader.line_number()) +
                    ": number " + std::to_string(next.number) +
                    " comes again after others; sort the list by its numbers (sort -s -n)");
      seen[next.number] = true, before = next.number;
      // A sentence is not parted among blocks.
      if (block.size() >= kRescoredAtOnce && next.number != block.back().number)
        rescore(sources, block);
      block.push_back(std::move(next));
    }
    rescore(sources, block);
    output_.finish();
  }

 private:
  std::vector<Scored> score(std::span<const std::string> sources,
                            std::span<const std::string> targets) {
    std::vector<std::vector<ForcedDecoding>> forced;
    for (const Model* model : models_)
      forced.push_back(force(*model, sources, targets, search_.batch_size, pool_));
    std::vector<Scored> out;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      out.push_back({std::move(forced[0][i].target), forced[0][i].log_probs});
      if (forced.size() > 1) mean_in_log(forced, i, out.back().log_probs);
    }
    progress_.advance(sources.size());
    return out;
  }

  double score_of(const Scored& s) const {
    return rule_.normalized(s.sum(), static_cast<int>(s.log_probs.size()));
  }

  // "log-probability BETWEEN score", or nan where there is none.
  std::string numbers(const Scored& s, const char* between) const {
    if (!s.known()) return std::string("nan") + between + "nan";
    char text[96];
    std::snprintf(text, sizeof text, "%.6f%s%.6f", s.sum(), between, score_of(s));
    return text;
  }

  std::string table_line(const Scored& s) const {
    return numbers(s, "\t") + "\t" + std::to_string(s.log_probs.size());
  }

  std::string json_line(std::size_t line, const std::string& target, const Scored& s) const {
    Json json = {{"line", line}, {"log_prob", nullptr}, {"score", nullptr}};
    if (s.known()) json["log_prob"] = s.sum(), json["score"] = score_of(s);
    json["tokens"] = tokens_json(target, s.target, s.log_probs);
    return to_line(json);
  }

  void rescore(const std::vector<std::string>& sources, std::vector<NbestLine>& block) {
    std::vector<std::string> from, to;
    for (const NbestLine& one : block) from.push_back(sources[one.number]), to.push_back(one.text);
    const auto scored = score(from, to);
    std::vector<std::size_t> order(block.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto better = [&](std::size_t a, std::size_t b) {
      if (!scored[a].known() || !scored[b].known()) return scored[a].known() && !scored[b].known();
      return score_of(scored[a]) > score_of(scored[b]);
    };
    // Neighbors of one number are sorted; those of others stay where they are.
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

  const RescoreOptions& options_;
  std::span<const Model* const> models_;
  const SearchConfig& search_;
  ScoringFunction rule_;
  Pool pool_;
  LineWriter output_;
  bool as_json_;
  ProgressLine progress_;
};

[[noreturn]] void refuse_score_usage(const std::string& message) {
  throw CLI::ValidationError("attn score", message);
}

int run_score(const RescoreOptions& options) {
  if (options.target.empty() == options.n_best.empty())
    refuse_score_usage("give one of --target FILE and --n-best FILE");
  if (!options.n_best.empty() && options.output.extension() == ".jsonl")
    refuse_score_usage(
        "an n-best list stays one: choose a name for --output that does not end in .jsonl");
  check_distinct(
      {{"--source", options.source}, {"--target", options.target}, {"--n-best", options.n_best}},
      {{"--output", options.output}});
  std::vector<Trained> trained;
  std::vector<const Model*> models;
  std::vector<std::string> names;
  for (const auto& folder : options.models) trained.push_back(load_trained(folder));
  for (const auto& one : trained) models.push_back(&one.model), names.push_back(one.name);
  check_ensemble(models, names);
  Config config = trained[0].config;
  override_trained(config, options.sets,
                   {"search.length_penalty", "search.length_penalty_alpha", "search.batch_size"});
  Rescorer rescorer(options, models, config.search);
  options.n_best.empty() ? rescorer.pairs() : rescorer.n_best();
  return 0;
}

}  // namespace

void add_score(CLI::App& app, Command& command) {
  auto options = std::make_shared<RescoreOptions>();
  CLI::App* sub = app.add_subcommand(
      "score", "Log-probabilities of given translations, to rerank them or to filter a corpus");
  const auto file = [&](const char* name, fs::path& path, const char* text) {
    return sub->add_option(name, path, text)->type_name("FILE")->default_str(path.string());
  };
  sub->option_defaults()->group("What is scored");
  sub->add_option("--model", options->models,
                  "Model directory, e.g. RUN/best; repeated: an ensemble")
      ->type_name("DIR")
      ->allow_extra_args(false)
      ->required();
  file("--source", options->source, "Text, plain or .gz")->required();
  file("--target", options->target, "Its translation, a line for each line");
  file(
      "--n-best", options->n_best,
      "In place of --target: lines of number ||| translation ||| …, number being the source line's "
      "from 0. They come back with ||| log-probability ||| score behind, the best of a number "
      "first");
  sub->option_defaults()->group("What is told");
  file("--output", options->output,
       "Where scores go; with those of every piece as JSON lines if the name ends in .jsonl; -: "
       "standard output");
  add_set(*sub, options->sets,
          "StridedMatrix over the model's config: search.length_penalty and "
          "search.length_penalty_alpha, "
          "which make the score of the log-probability; may be repeated");
  sub->option_defaults()->group("Machine");
  add_threads(*sub, options->threads);
  sub->footer(
      "A line for each pair: log-probability (nats), score, and the number of target pieces, the "
      "end\nof sentence counted, with tabs between them; nan where a side is empty.\n"
      "Examples:\n"
      "  attn score --model RUN/best --source test.en --target test.fr\n"
      "  attn score --model A/best --model B/best --source test.en --n-best nbest.txt > "
      "reranked.txt");
  sub->callback([&command, options] { command = [options] { return run_score(*options); }; });
}

}  // namespace attn
