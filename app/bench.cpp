// attn bench: the speed of training and translation on this machine.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>

#include "base/error.h"
#include "base/system_info.h"
#include "bench_measure.h"
#include "commands.h"
#include "exit_code.h"
#include "math/gemm/product.h"
#include "model_options.h"
#include "option_builder.h"
#include "processes.h"

namespace attn {
namespace {

struct BenchOptions {
  fs::path config;
  std::vector<std::string> settings;
  double seconds = 15;
  int threads = 0;
  bool json = false;
};

struct Measurements {
  std::string config;
  int processes, threads, shards, beam_size;  // threads of each process
  bool synthetic;
  std::size_t pairs, source_tokens, target_tokens;
  Precision precision;  // number format of training
  // Operations per second of matrix products; 0 if the precision is not available.
  double float32_peak, bfloat16_peak;
  TrainingSpeed training;
  TranslationSpeed greedy, beam;

  // Returns the peak at the precision of training.
  double peak() const { return precision == Precision::bfloat16 ? bfloat16_peak : float32_peak; }
  double rate() const { return training.operations() / training.seconds; }
  // Return the duration of an update and of one of its stages, in milliseconds.
  double milliseconds() const { return 1000 * training.seconds / training.updates; }
  double milliseconds(Stage stage) const {
    if (stage != Stage::idle)
      return 1000 * training.profile.seconds(stage) / threads / training.updates;
    double idle = milliseconds();
    for (std::size_t i = 0; i < kStages; ++i)
      if (static_cast<Stage>(i) != Stage::idle) idle -= milliseconds(static_cast<Stage>(i));
    return std::max(idle, 0.0);
  }
  // Returns the speed of a stage as a fraction of the peak.
  double fraction_of_peak(Stage stage) const {
    const double operations = 3 * training.flops.operations(stage, training.amounts);
    return operations / (milliseconds(stage) / 1000 * training.updates * peak());
  }
};

double per_second(const TranslationSpeed& speed) {
  return speed.sentences / speed.seconds;
}

double fraction_of_peak(const TranslationSpeed& speed, const Measurements& m) {
  return speed.operations / speed.seconds / m.float32_peak;
}

// All processes train. Then the first one translates, and then all of them measure the peak.
Measurements measure_all(const Config& config, const BenchOptions& options,
                         Communicator& communicator) {
  Pool pool(worker_threads(options.threads > 0 ? options.threads : config.train.threads));
  const Workers workers{pool, communicator};
  StatusLine status;
  status.show("preparing the text …");
  const BenchText text = bench_text(config, options.config.string(), workers);
  const TextSummary& summary = text.data.train.summary();
  status.show("training …");
  // Training comes first, so that the peak memory is that of training.
  TrainingSpeed training = measure_training(config, text, options.seconds, workers);
  status.show("translating …");
  const double seconds = options.seconds / 3;
  const int beam_size = config.search.beam_size;
  TranslationSpeed greedy, beam;
  if (communicator.is_first()) {
    greedy = measure_translation(config, text, 1, seconds, pool);
    beam = measure_translation(config, text, beam_size, seconds, pool);
  }
  const auto peak_of_all = [&](Precision precision) {
    communicator.all_values(0);  // wait until all processes are ready
    const bool is_known = precision == Precision::float32 || available(precision);
    const auto peaks =
        communicator.all_values(is_known ? product_peak(precision, seconds, pool) : 0.0);
    return std::accumulate(peaks.begin(), peaks.end(), 0.0);
  };
  status.show("measuring the peak …");
  const double peak = peak_of_all(Precision::float32);
  const double bfloat16_peak = peak_of_all(Precision::bfloat16);
  return {.config = options.config.string(),
          .processes = communicator.size(),
          .threads = pool.threads(),
          .shards = config.train.shards,
          .beam_size = beam_size,
          .synthetic = text.synthetic,
          .pairs = summary.pairs,
          .source_tokens = summary.source_tokens,
          .target_tokens = summary.target_tokens,
          .precision = precision_of(config.train),
          .float32_peak = peak,
          .bfloat16_peak = bfloat16_peak,
          .training = std::move(training),
          .greedy = greedy,
          .beam = beam};
}

// A column of the table of operations: operations per unit of text.
struct FlopColumn {
  const char *key, *title, *symbol;
  double FlopCounts::*count;
};
constexpr FlopColumn kFlopColumns[] = {
    {"source_word", "source subword", "S", &FlopCounts::source_word},
    {"target_word", "target subword", "T", &FlopCounts::target_word},
    {"distinct_source", "distinct source", "S'", &FlopCounts::distinct_source},
    {"distinct_target", "distinct target", "T'", &FlopCounts::distinct_target},
    {"word_pair", "subword pair", "S T", &FlopCounts::word_pair},
    {"source_pair", "source pair", "S²", &FlopCounts::source_pair},
    {"segment", "segment", "P", &FlopCounts::segment},
    {"segment_pair", "segment, target", "P T", &FlopCounts::segment_pair},
    {"sentence", "sentence pair", "1", &FlopCounts::sentence}};

Json flops_json(const Flops& flops) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kStages; ++i) {
    const FlopCounts& counts = flops.of(static_cast<Stage>(i));
    if (!counts.any()) continue;
    Json& amounts = json[name_of(static_cast<Stage>(i))] = Json::object();
    for (const FlopColumn& column : kFlopColumns) amounts[column.key] = counts.*column.count;
  }
  return json;
}

// Returns what one process has sent in an update, and the fraction of the time that it took to
// send, to receive and to wait.
Json communication_json(const TrainingSpeed& t) {
  return {{"bytes_per_update", static_cast<double>(t.traffic.bytes) / t.updates},
          {"milliseconds_per_update", 1000 * t.traffic.seconds / t.updates},
          {"fraction", t.traffic.seconds / t.seconds}};
}

Json peak_json(const Measurements& m) {
  Json json = {{"float32_gflops", m.float32_peak / 1e9}};
  if (m.bfloat16_peak > 0) json["bfloat16_gflops"] = m.bfloat16_peak / 1e9;
  return json;
}

Json to_json(const Measurements& m) {
  const TrainingSpeed& t = m.training;
  Json milliseconds = Json::object();
  for (std::size_t i = 0; i < kStages; ++i)
    milliseconds[name_of(static_cast<Stage>(i))] = m.milliseconds(static_cast<Stage>(i));
  return {{"config", m.config},
          {"processor", processor_name()},
          {"processes", m.processes},
          {"threads", m.threads},
          {"products", product_library()},
          {"parameters", t.parameters},
          {"text",
           {{"synthetic", m.synthetic},
            {"pairs", m.pairs},
            {"source_tokens", m.source_tokens},
            {"target_tokens", m.target_tokens}}},
          {"peak", peak_json(m)},
          {"flops", flops_json(t.flops)},
          {"communication", communication_json(t)},
          {"train",
           {{"target_tokens_per_second", t.amounts.target_word / t.seconds},
            {"gflops", m.rate() / 1e9},
            {"fraction_of_peak", m.rate() / m.peak()},
            {"updates", t.updates},
            {"seconds", t.seconds},
            {"milliseconds_per_update", m.milliseconds()},
            {"milliseconds", milliseconds},
            {"peak_memory_mib", t.peak_memory_mib}}},
          {"translate",
           {{"greedy_sentences_per_second", per_second(m.greedy)},
            {"greedy_fraction_of_peak", fraction_of_peak(m.greedy, m)},
            {"beam_sentences_per_second", per_second(m.beam)},
            {"beam_fraction_of_peak", fraction_of_peak(m.beam, m)},
            {"beam_size", m.beam_size},
            {"subwords_per_translation", m.beam.subwords / m.beam.sentences}}}};
}

void print_head(const Measurements& m) {
  const auto pairs = static_cast<double>(m.pairs);
  const std::string processes =
      m.processes > 1 ? std::to_string(m.processes) + " processes of " : "";
  std::printf("%s, %s%d thread%s, matrix products by %s\n", processor_name().c_str(),
              processes.c_str(), m.threads, m.threads == 1 ? "" : "s", product_library());
  std::printf("%s: %.1f million parameters\n", m.config.c_str(),
              static_cast<double>(m.training.parameters) / 1e6);
  std::printf("%zu%s sentence pairs of %.1f and %.1f subwords, with the ends of sentence\n\n",
              m.pairs, m.synthetic ? " synthetic" : "",
              static_cast<double>(m.source_tokens) / pairs,
              static_cast<double>(m.target_tokens) / pairs);
  if (m.processes * m.threads > m.shards)
    std::printf("%s\n\n", idle_threads_warning(m.processes * m.threads, m.shards).c_str());
}

void print_speeds(const Measurements& m) {
  const TrainingSpeed& t = m.training;
  std::printf("training     %9.0f  target subwords per second, over %d updates in %.1f s\n",
              t.amounts.target_word / t.seconds, t.updates, t.seconds);
  if (m.processes > 1)
    std::printf(
        "             %9.1f  %% of the time in communication; rank 0 sends %.2f MB an update\n",
        100 * t.traffic.seconds / t.seconds,
        static_cast<double>(t.traffic.bytes) / t.updates / 1e6);
  std::printf("             %9.1f  GFLOP/s of the operations below: %.1f%% of the %s peak\n",
              m.rate() / 1e9, 100 * m.rate() / m.peak(),
              m.precision == Precision::bfloat16 ? "bfloat16" : "float32");
  std::printf(
      "peak         %9.1f  GFLOP/s: float32 products of 2048 × 2048 × 2048 on all threads\n",
      m.float32_peak / 1e9);
  if (m.bfloat16_peak > 0)
    std::printf("             %9.1f  GFLOP/s: the same in bfloat16 (train.precision)\n",
                m.bfloat16_peak / 1e9);
  if (m.rate() > m.peak())
    std::printf("%24sless than training reached; were the processors busy with other programs?\n",
                "");
  std::printf("memory       %9.0f  MiB at the peak of training, with the program and its text\n",
              t.peak_memory_mib);
  std::printf(
      "translation  %9.1f  sentences per second, greedy search: %.1f%% of the float32 peak\n",
      per_second(m.greedy), 100 * fraction_of_peak(m.greedy, m));
  std::printf(
      "             %9.1f  with beam %d: %.1f%%; translations are truncated, mean length %.1f "
      "subwords\n",
      per_second(m.beam), m.beam_size, 100 * fraction_of_peak(m.beam, m),
      m.beam.subwords / m.beam.sentences);
}

void print_stages(const Measurements& m) {
  constexpr double kPerBar = 0.025;  // fraction of the time of an update
  std::printf("\n%-12s %12s %12s %12s\n", "one update", "milliseconds", "of the time",
              "of the peak");
  for (std::size_t i = 0; i < kStages; ++i) {
    const auto stage = static_cast<Stage>(i);
    const double time = m.milliseconds(stage), fraction = time / m.milliseconds();
    const double of_peak = time > 0 ? m.fraction_of_peak(stage) : 0;
    std::string bar;
    for (double at = kPerBar / 2; at < fraction; at += kPerBar) bar += "█";
    std::printf("  %-10s %12.2f %11.1f%%", name_of(stage), time, 100 * fraction);
    if (of_peak > 0)
      std::printf(" %11.1f%%", 100 * of_peak);
    else if (!bar.empty())
      std::printf("%13s", "");
    std::printf("%s%s\n", bar.empty() ? "" : "  ", bar.c_str());
  }
  std::printf("  %-10s %12.2f %11.1f%% %11.1f%%\n", "all", m.milliseconds(), 100.0,
              100 * m.rate() / m.peak());
}

// Returns whether a column is shown: S and T always, the others unless they are empty.
bool is_shown(const FlopColumn& column, const FlopCounts& all) {
  return column.count == &FlopCounts::source_word || column.count == &FlopCounts::target_word ||
         all.*column.count > 0;
}

void print_flops_row(const char* name, const FlopCounts& counts, const FlopCounts& all) {
  std::printf("  %-10s", name);
  for (const FlopColumn& column : kFlopColumns) {
    if (!is_shown(column, all)) continue;
    counts.*column.count > 0 ? std::printf(" %15.6g", counts.*column.count / 1e6)
                             : std::printf(" %15s", "-");
  }
  std::printf("\n");
}

void print_flops(const Flops& flops) {
  FlopCounts all;
  for (std::size_t i = 0; i < kStages; ++i)
    for (const FlopColumn& column : kFlopColumns)
      all.*column.count += flops.of(static_cast<Stage>(i)).*column.count;
  std::printf("\n%-12s", "MFLOP per");
  for (const FlopColumn& column : kFlopColumns)
    if (is_shown(column, all)) std::printf(" %15s", column.title);
  std::printf("\n");
  for (std::size_t i = 0; i < kStages; ++i)
    if (flops.of(static_cast<Stage>(i)).any())
      print_flops_row(name_of(static_cast<Stage>(i)), flops.of(static_cast<Stage>(i)), all);
  print_flops_row("all", all, all);
  std::string symbols;
  for (const FlopColumn& column : kFlopColumns)
    if (is_shown(column, all))
      symbols += (symbols.empty() ? "" : ", ") + std::string(column.symbol);
  std::printf(
      "\nTo get the MFLOP of a forward pass, multiply the columns by %s, and add.\n"
      "S and T are the numbers of source and target subwords, S' and T' those of distinct ones in\n"
      "a micro-batch (with dropout of embeddings: of all), P the number of segments of documents.\n"
      "An update counts as three forward passes. Only matrix products count, with 2 m n k\n"
      "operations each, including the attention scores and the weighted sums.\n",
      symbols.c_str());
}

int bench_together(const BenchOptions& options, Communicator& communicator) {
  const Config config =
      config_of_first([&] { return read_config(options.config, options.settings); }, communicator);
  check_processes(communicator.size(), config.train.shards);
  const Measurements m = measure_all(config, options, communicator);
  if (!communicator.is_first()) return kSuccess;
  if (options.json) {
    std::cout << to_text(to_json(m));
    return kSuccess;
  }
  print_head(m);
  print_speeds(m);
  print_stages(m);
  print_flops(m.training.flops);
  return kSuccess;
}

int run_bench(const BenchOptions& options) {
  return in_processes([&](Communicator& c) { return bench_together(options, c); });
}

}  // namespace

void add_bench(CLI::App& app, Command& command) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* sub =
      app.add_subcommand("bench", "Measure the speed of training and translation on this machine");
  OptionBuilder add(*sub);
  add.group("Configuration");
  add.file("--config", options->config, "Configuration; if it names no text, the text is synthetic")
      ->required();
  add.set(options->settings, "Override a value, e.g. train.seed=2");
  add.group("Measurement");
  sub->add_option("--seconds", options->seconds,
                  "Time for training; the rest takes about as long again")
      ->type_name("N")
      ->check(is_number(above(0)))
      ->capture_default_str();
  add.threads_instead_of_config(options->threads);
  add.flag("--json", options->json, "Print one JSON object");
  sub->footer(
      "See app/README.md for the fields of --json.\n\n"
      "Examples:\n"
      "  attn bench --config configs/bench/small.json --threads 2\n"
      "  attn bench --config configs/quickstart.json --seconds 5 --json\n"
      "  mpirun -n 2 attn bench --config configs/bench/small.json");
  set_action(*sub, command, options, run_bench);
}

}  // namespace attn
