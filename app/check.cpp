// attn check: validates a configuration and its files, and describes the model.
#include <cstdio>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "base/line_reader.h"
#include "bench_measure.h"
#include "commands.h"
#include "exit_code.h"
#include "file_checks.h"
#include "gold_alignment.h"
#include "model_options.h"
#include "option_builder.h"
#include "train/checkpoint.h"
#include "train/optimizer.h"

namespace attn {
namespace {

struct CheckOptions {
  fs::path config;
  std::vector<std::string> settings;
};

bool has_pair(const fs::path& source, const fs::path& target) {
  LineReader s(source), t(target);
  std::string a, b;
  while (s.next(a) && t.next(b))
    if (!split_words(a).empty() && !split_words(b).empty()) return true;
  return false;
}

// Throws Error if a parallel text is empty, not valid UTF-8 or not parallel; prints its size.
void check_texts_of(const char* name, const fs::path& source, const fs::path& target) {
  if (source.empty()) return;
  const std::size_t lines = count_lines(source);
  if (lines == 0) throw Error(source.string() + ": the file is empty");
  check_line_counts(source, lines, target, count_lines(target));
  if (!has_pair(source, target))
    throw Error(source.string() + ", " + target.string() + ": no line has text in both files");
  std::printf("%-12s %zu lines in %s and %s\n", name, lines, source.c_str(), target.c_str());
}

// Checks the word alignments of the training text line by line, because it may be large.
void check_training_alignment(const DataConfig& data) {
  if (data.train_alignment.empty()) return;
  LineReader sources(data.train_source), targets(data.train_target), links(data.train_alignment);
  std::string source, target, line;
  while (sources.next(source) && targets.next(target)) {
    if (!links.next(line))
      throw Error(data.train_alignment.string() + " has fewer lines than " +
                  data.train_source.string() + "; it must have one line per sentence pair");
    check_inside(parse_links(line, 0, data.train_alignment.string(), links.line_number()).possible,
                 0, split_words(source).size(), split_words(target).size(),
                 data.train_alignment.string(), links.line_number());
  }
  if (links.next(line))
    throw Error(data.train_alignment.string() + " has more lines than " +
                data.train_source.string() + "; it must have one line per sentence pair");
  std::printf("%-12s word alignments of the training text in %s\n", "guided",
              data.train_alignment.c_str());
}

void check_gold(const DataConfig& data) {
  if (data.test_alignment.empty()) return;
  read_gold(data.test_alignment, 0, read_lines(data.test_source), read_lines(data.test_target));
  std::printf("%-12s gold alignments of the test text in %s\n", "alignment",
              data.test_alignment.c_str());
}

// Returns the vocabulary sizes: those of given SentencePiece models, or the requested ones.
std::pair<int, int> vocabulary_sizes(const DataConfig& c) {
  if (!c.source_tokenizer.empty()) {
    const int source = Tokenizer::load(c.source_tokenizer).size();
    return {source, c.shared_vocabulary ? source : Tokenizer::load(c.target_tokenizer).size()};
  }
  return {c.source_vocabulary_size,
          c.shared_vocabulary ? c.source_vocabulary_size : c.target_vocabulary_size};
}

// Estimates the memory for training: the arenas, a copy of the state while it is written, and for
// each worker the activations of its shard and of a validation.
double estimated_mib(const Config& config, const Seq2Seq& model, int threads) {
  constexpr double kSubwordsPerSentence = 25;  // a typical length
  const auto& t = config.train;
  const auto per_token = static_cast<double>(model.numbers_per_token());
  const auto scores = static_cast<double>(model.target_vocabulary());
  const double state =
      static_cast<double>(optimizers().at(t.optimizer).state.size()) + (t.ema_decay > 0 ? 1 : 0);
  const double arenas = 1 + t.shards + 2 * state;
  const bool by_tokens = batch_types().at(t.batch_type) == BatchType::tokens;
  const double tokens = by_tokens ? t.batch_size : kSubwordsPerSentence * t.batch_size;
  double worker = per_token * tokens / t.shards + 128 * scores;
  if (!config.data.valid_source.empty())
    worker += config.search.batch_size * (kSubwordsPerSentence * per_token + t.valid_beam * scores);
  const int workers = std::min(threads, t.shards);
  return sizeof(Real) * (arenas * static_cast<double>(model.layout().size()) + workers * worker) /
         (1024.0 * 1024.0);
}

void check_data(const DataConfig& data) {
  check_texts_of("training", data.train_source, data.train_target);
  check_texts_of("validation", data.valid_source, data.valid_target);
  check_texts_of("test", data.test_source, data.test_target);
  check_training_alignment(data);
  check_gold(data);
}

// Prints the sizes of the vocabularies and of the model, and the memory for training.
void describe_model(const Config& config, std::pair<int, int> vocabularies, const Seq2Seq& model,
                    int threads) {
  const auto [source, target] = vocabularies;
  const bool is_trained = config.data.source_tokenizer.empty();
  const bool at_most = config.data.tokenizer == "word" || config.data.tokenizer == "char";
  std::printf("%-12s %s%d source and %d target subwords%s\n", "vocabulary",
              is_trained && at_most ? "at most " : "", source, target,
              is_trained ? ", to be trained" : "");
  std::printf("%-12s %lld\n", "parameters", static_cast<long long>(model.layout().count()));
  for (const auto& entry : model.layout().entries()) {
    std::string shape;
    for (const Index n : entry.shape) shape += (shape.empty() ? "" : " × ") + std::to_string(n);
    std::printf("  %-26s %s\n", entry.name.c_str(), shape.c_str());
  }
  std::printf(
      "%-12s about %.0f MiB for training, plus at most %d MiB for the text and 40 MiB for the "
      "program\n",
      "memory", estimated_mib(config, model, threads), config.data.max_memory_mib);
  // make_tokenizers (train_data.cpp) samples at least 8 MiB of text, for which SentencePiece needs
  // about 200 MiB.
  if (is_trained)
    std::printf("%-12s before training, up to about %d MiB to learn the vocabularies\n", "",
                std::max(config.data.max_memory_mib, 200));
}

// Prints what several machines would exchange, and from which bandwidth on they are faster than
// one. The estimate of the time of an update assumes typical sentences and speed.
void describe_machines(const Config& config, const Seq2Seq& network, int threads) {
  constexpr double kSubwordsPerSentence = 25, kFractionOfPeak = 0.5, kPeakSeconds = 0.2;
  const auto& t = config.train;
  int n_most = 1;  // the largest possible number of processes
  while (t.shards % (2 * n_most) == 0) n_most *= 2;
  if (n_most == 1) return;
  const bool by_tokens = batch_types().at(t.batch_type) == BatchType::tokens;
  const double tokens =
      t.gradient_accumulation * (by_tokens ? t.batch_size : kSubwordsPerSentence * t.batch_size);
  double tables = 0, absent = 0;  // numbers of embedding tables; of words that are in no batch
  for (const SparseTable& table : network.sparse_tables()) {
    const auto size = static_cast<double>(table.slot.size());
    tables += size;
    absent += size * std::max(0.0, 1 - tokens / static_cast<double>(table.slot.rows));
  }
  // Each other number is multiplied once for each subword of its side; an update counts as three
  // forward passes.
  const auto numbers = static_cast<double>(network.layout().count());
  const double operations = 3 * 2 * tokens * (numbers - tables);
  Pool pool(std::min(threads, t.shards));
  const double seconds =
      operations / (kFractionOfPeak * product_peak(precision_of(t), kPeakSeconds, pool));
  const double gradient_bytes =
      wire_formats().at(t.communication) == WireFormat::exact ? sizeof(Real) : 2;
  const double bytes = gradient_bytes * (numbers - absent) + sizeof(Real) * numbers;
  const double gigabits = 8e-9 * bytes / seconds;
  std::printf(
      "%-12s an update takes about %.2g s here; %d machines would each send up to %.3g MB\n",
      "machines", seconds, n_most, bytes * (n_most - 1) / n_most / 1e6);
  std::printf("%-12s faster than one from %.2g Gbit/s on; at 80%% of n-fold speed", "", gigabits);
  // With n machines, communication takes bytes (n - 1) / n / bandwidth, and work seconds / n.
  for (int n = 2; n <= n_most; n *= 2)
    std::printf("%s %d from %.2g", n == 2 ? ":" : ",", n, 4 * (n - 1) * gigabits);
  std::printf(" Gbit/s\n");
}

int run_check(const CheckOptions& options) {
  const Config config = read_config(options.config, options.settings);
  check_training(config, options.config.string());
  check_training_files(config, options.config.string());
  check_test_files(config, options.config.string());
  check_data(config.data);
  const int threads = worker_threads(config.train.threads);
  const std::pair<int, int> vocabularies = vocabulary_sizes(config.data);
  const Seq2Seq model(config.model, vocabularies.first, vocabularies.second);
  describe_model(config, vocabularies, model, threads);
  describe_machines(config, model, threads);
  if (threads > config.train.shards)
    std::printf("%-12s %s\n", "warning",
                idle_threads_warning(threads, config.train.shards).c_str());
  if (RunDirectory(config.train.run_dir).holds_run())
    std::printf("%-12s %s already holds a run; train with --resume or --overwrite\n", "note",
                config.train.run_dir.c_str());
  std::printf("%s: no errors found\n", options.config.c_str());
  return kSuccess;
}

}  // namespace

void add_check(CLI::App& app, Command& command) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* sub =
      app.add_subcommand("check", "Validate a configuration and its data without training");
  OptionBuilder add(*sub);
  add.group("Configuration");
  add.file("--config", options->config, "Configuration of the run (JSON)")->required();
  add.set(options->settings, "Override a value, e.g. train.seed=2");
  sub->footer(
      "Examples:\n"
      "  attn check --config configs/quickstart.json\n"
      "  attn check --config configs/quickstart.json --set model.hidden_size=1000");
  set_action(*sub, command, options, run_check);
}

}  // namespace attn
