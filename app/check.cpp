#include <cstdio>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "commands.h"
#include "common.h"
#include "train/checkpoint.h"
#include "train/optimizer.h"

namespace attn {
namespace {

struct CheckOptions {
  fs::path config;
  std::vector<std::string> sets;
};

bool any_pair(const fs::path& source, const fs::path& target) {
  LineReader s(source), t(target);
  std::string a, b;
  while (s.next(a) && t.next(b))
    if (!split_words(a).empty() && !split_words(b).empty()) return true;
  return false;
}

// Both texts of a pair are UTF-8, hold something, and go line by line.
void check_pair(const char* name, const fs::path& source, const fs::path& target) {
  if (source.empty()) return;
  const std::size_t lines = count_lines(source);
  if (lines == 0) throw Error(source.string() + ": empty; it should hold text");
  check_lengths(source, lines, target, count_lines(target));
  if (!any_pair(source, target))
    throw Error(source.string() + ", " + target.string() +
                ": no line holds text in both; they should hold sentences");
  std::printf("%-12s %zu lines in %s and %s\n", name, lines, source.c_str(), target.c_str());
}

// The links of the training text, line by line: it may be large.
void check_links(const DataConfig& data) {
  if (data.train_alignment.empty()) return;
  LineReader sources(data.train_source), targets(data.train_target), links(data.train_alignment);
  std::string source, target, line;
  while (sources.next(source) && targets.next(target)) {
    if (!links.next(line))
      throw Error(data.train_alignment.string() + ": ends before " + data.train_source.string() +
                  "; it must have a line for each of its lines");
    check_inside(parse_links(line, 0, data.train_alignment.string(), links.line_number()).possible,
                 0, split_words(source).size(), split_words(target).size(),
                 data.train_alignment.string(), links.line_number());
  }
  if (links.next(line))
    throw Error(data.train_alignment.string() + ": has more lines than " +
                data.train_source.string());
  std::printf("%-12s links of the training text in %s\n", "guide", data.train_alignment.c_str());
}

void check_gold(const DataConfig& data) {
  if (data.test_alignment.empty()) return;
  read_gold(data.test_alignment, 0, read_lines(data.test_source), read_lines(data.test_target));
  std::printf("%-12s gold links in %s\n", "alignment", data.test_alignment.c_str());
}

// Sizes that tokenizers will have: those of the given models, or what is asked for.
std::pair<int, int> vocabulary_sizes(const DataConfig& c) {
  if (!c.source_tokenizer.empty()) {
    const int source = Tokenizer::load(c.source_tokenizer).size();
    return {source, c.shared_vocabulary ? source : Tokenizer::load(c.target_tokenizer).size()};
  }
  return {c.source_vocabulary_size,
          c.shared_vocabulary ? c.source_vocabulary_size : c.target_vocabulary_size};
}

// Of training: arenas, what a worker holds for its shard of a batch and for a validation, and the
// state on its way into a file.
double estimated_mib(const Config& config, const Seq2Seq& model, int threads) {
  constexpr double kPieces = 25;  // of a sentence, about
  const auto& t = config.train;
  const auto per_token = static_cast<double>(model.numbers_per_token());
  const auto scores = static_cast<double>(model.target_vocabulary());
  const double state =
      static_cast<double>(optimizers().at(t.optimizer).state.size()) + (t.ema_decay > 0 ? 1 : 0);
  const double arenas = 1 + t.shards + 2 * state;
  const double tokens = t.batch_type == "tokens" ? t.batch_size : kPieces * t.batch_size;
  double worker = per_token * tokens / t.shards + 128 * scores;
  if (!config.data.valid_source.empty())
    worker += config.search.batch_size * (kPieces * per_token + t.valid_beam * scores);
  const int workers = std::min(threads, t.shards);
  return sizeof(Real) * (arenas * static_cast<double>(model.layout().size()) + workers * worker) /
         (1024.0 * 1024.0);
}

void check_data(const DataConfig& data) {
  check_pair("training", data.train_source, data.train_target);
  check_pair("validation", data.valid_source, data.valid_target);
  check_pair("test", data.test_source, data.test_target);
  check_links(data);
  check_gold(data);
}

void describe_model(const Config& config, int threads) {
  const auto [source, target] = vocabulary_sizes(config.data);
  const bool trained = config.data.source_tokenizer.empty();
  const bool at_most = config.data.tokenizer == "word" || config.data.tokenizer == "char";
  std::printf("%-12s %s%d source and %d target pieces%s\n", "vocabulary",
              trained && at_most ? "at most " : "", source, target,
              trained ? ", to be trained" : "");
  const Seq2Seq model(config.model, source, target);
  std::printf("%-12s %lld\n", "parameters", static_cast<long long>(model.layout().count()));
  for (const auto& entry : model.layout().entries()) {
    std::string shape;
    for (const Index n : entry.shape) shape += (shape.empty() ? "" : " × ") + std::to_string(n);
    std::printf("  %-26s %s\n", entry.name.c_str(), shape.c_str());
  }
  std::printf(
      "%-12s about %.0f MiB for training, and for its text at most %d (data.max_memory_mib)\n",
      "memory", estimated_mib(config, model, threads), config.data.max_memory_mib);
  std::printf("%-12s beside some 40 of the program", "");
  if (trained)  // prepare.cpp: text of no less than 8 MiB, and a multiple of that to learn from it
    std::printf("; before that up to about %d, to learn the vocabularies",
                std::max(config.data.max_memory_mib, 200));
  std::printf("\n");
}

int run_check(const CheckOptions& options) {
  const Config config = read_config(options.config, options.sets);
  check_training(config, options.config.string());
  check_training_files(config, options.config.string());
  check_test_files(config, options.config.string());
  check_data(config.data);
  const int threads = threads_or_all(config.train.threads);
  describe_model(config, threads);
  if (threads > config.train.shards)
    std::printf("%-12s %d threads, but train.shards is %d: some will have nothing to do\n",
                "warning", threads, config.train.shards);
  if (RunDirectory(config.train.run_dir).holds_run())
    std::printf("%-12s %s already holds a run: train with --resume or --overwrite\n", "note",
                config.train.run_dir.c_str());
  std::printf("%s: all is well\n", options.config.c_str());
  return 0;
}

}  // namespace

void add_check(CLI::App& app, Command& command) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* sub =
      app.add_subcommand("check", "Check a config and its files without computing anything");
  sub->option_defaults()->group("Config");
  sub->add_option("--config", options->config, "JSON config of the run")
      ->type_name("FILE")
      ->required();
  add_set(*sub, options->sets, "StridedMatrix over the config, e.g. train.seed=2; may be repeated");
  sub->footer(
      "Examples:\n"
      "  attn check --config configs/quickstart.json\n"
      "  attn check --config configs/quickstart.json --set model.hidden_size=1000");
  sub->callback([&command, options] { command = [options] { return run_check(*options); }; });
}

}  // namespace attn
