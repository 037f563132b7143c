#include <cmath>
#include <cstdio>
#include <iostream>

#include "base/error.h"
#include "base/system_info.h"
#include "bench_measure.h"
#include "commands.h"
#include "common.h"
#include "math/gemm/product.h"

namespace attn {
namespace {

struct BenchOptions {
  fs::path config;
  std::vector<std::string> sets;
  double seconds = 15;
  int threads = 0;
  bool json = false;
};

struct Measured {
  std::string config;
  int threads, shards, beam_size;
  bool synthetic;
  std::size_t pairs, source_tokens, target_tokens;
  Precision precision;  // of training
  // Operations a second of products; 0 where there are none of that precision.
  double float32_peak, bfloat16_peak;
  TrainingSpeed training;
  TranslationSpeed greedy, beam;

  // What training is held against.
  double peak() const { return precision == Precision::bfloat16 ? bfloat16_peak : float32_peak; }
  double rate() const { return training.operations() / training.seconds; }
  // Of an update, with all threads at work.
  double milliseconds() const { return 1000 * training.seconds / training.updates; }
  double milliseconds(Stage stage) const {
    if (stage != Stage::idle)
      return 1000 * training.profile.seconds(stage) / threads / training.updates;
    double idle = milliseconds();
    for (std::size_t i = 0; i < kStages; ++i)
      if (static_cast<Stage>(i) != Stage::idle) idle -= milliseconds(static_cast<Stage>(i));
    return std::max(idle, 0.0);
  }
  // What a part did in its time, of what the peak would have done.
  double fraction_of_peak(Stage stage) const {
    const double operations = 3 * training.work.operations(stage, training.amounts);
    return operations / (milliseconds(stage) / 1000 * training.updates * peak());
  }
};

double per_second(const TranslationSpeed& speed) {
  return speed.sentences / speed.seconds;
}

double fraction_of_peak(const TranslationSpeed& speed, const Measured& m) {
  return speed.operations / speed.seconds / m.float32_peak;
}

Measured measure(const Config& config, const BenchOptions& options) {
  Pool pool(threads_or_all(options.threads > 0 ? options.threads : config.train.threads));
  StatusLine live;
  live.show("preparing the text …");
  const BenchText text = bench_text(config, options.config.string(), pool);
  const TextSummary& summary = text.data.train.summary();
  live.show("training …");
  // Memory first: its peak is training's, not the other measurements'.
  TrainingSpeed training = measure_training(config, text, options.seconds, pool);
  live.show("translating …");
  const double seconds = options.seconds / 3;
  const int beam_size = config.search.beam_size;
  const TranslationSpeed greedy = measure_translation(config, text, 1, seconds, pool);
  const TranslationSpeed beam = measure_translation(config, text, beam_size, seconds, pool);
  live.show("multiplying …");
  const double peak = product_peak(Precision::float32, seconds, pool);
  const double bfloat16_peak =
      available(Precision::bfloat16) ? product_peak(Precision::bfloat16, seconds, pool) : 0;
  return {.config = options.config.string(),
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

// The table of the work: what is done for each of what.
struct WorkColumn {
  const char *key, *title, *symbol;
  double FlopCounts::*of;
};
constexpr WorkColumn kWorkColumns[] = {
    {"source_word", "a source piece", "S", &FlopCounts::source_word},
    {"target_word", "a target piece", "T", &FlopCounts::target_word},
    {"distinct_source", "S': distinct", "S'", &FlopCounts::distinct_source},
    {"distinct_target", "T': distinct", "T'", &FlopCounts::distinct_target},
    {"word_pair", "a pair of them", "S T", &FlopCounts::word_pair},
    {"source_pair", "two of source", "S²", &FlopCounts::source_pair},
    {"segment", "P: a sentence", "P", &FlopCounts::segment},
    {"segment_pair", "P and target", "P T", &FlopCounts::segment_pair},
    {"sentence", "a pair of lines", "1", &FlopCounts::sentence}};

Json work_json(const Flops& work) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kStages; ++i) {
    const FlopCounts& of = work.of(static_cast<Stage>(i));
    if (!of.any()) continue;
    Json& amounts = json[name_of(static_cast<Stage>(i))] = Json::object();
    for (const WorkColumn& column : kWorkColumns) amounts[column.key] = of.*column.of;
  }
  return json;
}

Json peak_json(const Measured& m) {
  Json json = {{"float32_gflops", m.float32_peak / 1e9}};
  if (m.bfloat16_peak > 0) json["bfloat16_gflops"] = m.bfloat16_peak / 1e9;
  return json;
}

Json to_json(const Measured& m) {
  const TrainingSpeed& t = m.training;
  Json milliseconds = Json::object();
  for (std::size_t i = 0; i < kStages; ++i)
    milliseconds[name_of(static_cast<Stage>(i))] = m.milliseconds(static_cast<Stage>(i));
  return {{"config", m.config},
          {"processor", processor_name()},
          {"threads", m.threads},
          {"products", product_library()},
          {"parameters", t.parameters},
          {"text",
           {{"synthetic", m.synthetic},
            {"pairs", m.pairs},
            {"source_tokens", m.source_tokens},
            {"target_tokens", m.target_tokens}}},
          {"peak", peak_json(m)},
          {"work", work_json(t.work)},
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
            {"greedy_share_of_peak", fraction_of_peak(m.greedy, m)},
            {"beam_sentences_per_second", per_second(m.beam)},
            {"beam_share_of_peak", fraction_of_peak(m.beam, m)},
            {"beam_size", m.beam_size},
            {"pieces_per_translation", m.beam.pieces / m.beam.sentences}}}};
}

void print_head(const Measured& m) {
  const auto pairs = static_cast<double>(m.pairs);
  std::printf("%s, %d thread%s, products by %s\n", processor_name().c_str(), m.threads,
              m.threads == 1 ? "" : "s", product_library());
  std::printf("%s: %.1f million parameters\n", m.config.c_str(),
              static_cast<double>(m.training.parameters) / 1e6);
  std::printf("%zu%s sentence pairs of %.1f and %.1f pieces, ends of sentences counted\n\n",
              m.pairs, m.synthetic ? " made-up" : "", static_cast<double>(m.source_tokens) / pairs,
              static_cast<double>(m.target_tokens) / pairs);
  if (m.threads > m.shards)
    std::printf("%d threads, but train.shards is %d: some have nothing to do\n\n", m.threads,
                m.shards);
}

void print_speeds(const Measured& m) {
  const TrainingSpeed& t = m.training;
  std::printf("training     %9.0f  target pieces a second, over %d updates in %.1f s\n",
              t.amounts.target_word / t.seconds, t.updates, t.seconds);
  std::printf("             %9.1f  GFLOP/s by the work below: %.1f%% of the %s peak\n",
              m.rate() / 1e9, 100 * m.rate() / m.peak(),
              m.precision == Precision::bfloat16 ? "bfloat16" : "float32");
  std::printf("peak         %9.1f  GFLOP/s: float32, 2048 × 2048 × 2048 on all threads at once\n",
              m.float32_peak / 1e9);
  if (m.bfloat16_peak > 0)
    std::printf("             %9.1f  GFLOP/s: bfloat16, likewise (train.precision)\n",
                m.bfloat16_peak / 1e9);
  if (m.rate() > m.peak())
    std::printf("%24sless than training reached: were the processors busy meanwhile?\n", "");
  std::printf("memory       %9.0f  MiB resident at most: the program, its text, training\n",
              t.peak_memory_mib);
  std::printf("translating  %9.1f  sentences a second, greedy: %.1f%% of the float32 peak\n",
              per_second(m.greedy), 100 * fraction_of_peak(m.greedy, m));
  std::printf("             %9.1f  with beam %d: %.1f%%; untrained, and so cut at %.1f pieces\n",
              per_second(m.beam), m.beam_size, 100 * fraction_of_peak(m.beam, m),
              m.beam.pieces / m.beam.sentences);
}

void print_stages(const Measured& m) {
  constexpr double kBarOf = 0.025;  // of an update's time
  std::printf("\n%-12s %12s %12s %12s\n", "an update", "milliseconds", "of the time",
              "of the peak");
  for (std::size_t i = 0; i < kStages; ++i) {
    const auto stage = static_cast<Stage>(i);
    const double time = m.milliseconds(stage), share = time / m.milliseconds();
    const double of_peak = time > 0 ? m.fraction_of_peak(stage) : 0;
    std::string bar;
    for (double at = kBarOf / 2; at < share; at += kBarOf) bar += "█";
    std::printf("  %-10s %12.2f %11.1f%%", name_of(stage), time, 100 * share);
    if (of_peak > 0)
      std::printf(" %11.1f%%", 100 * of_peak);
    else if (!bar.empty())
      std::printf("%13s", "");
    std::printf("%s%s\n", bar.empty() ? "" : "  ", bar.c_str());
  }
  std::printf("  %-10s %12.2f %11.1f%% %11.1f%%\n", "all", m.milliseconds(), 100.0,
              100 * m.rate() / m.peak());
}

// Every model's table has S and T; the other columns stand where they are not empty.
bool applies(const WorkColumn& column, const FlopCounts& all) {
  return column.of == &FlopCounts::source_word || column.of == &FlopCounts::target_word ||
         all.*column.of > 0;
}

void print_work_of(const char* name, const FlopCounts& of, const FlopCounts& all) {
  std::printf("  %-10s", name);
  for (const WorkColumn& column : kWorkColumns) {
    if (!applies(column, all)) continue;
    of.*column.of > 0 ? std::printf(" %15.6g", of.*column.of / 1e6) : std::printf(" %15s", "-");
  }
  std::printf("\n");
}

void print_work(const Flops& work) {
  FlopCounts all;
  for (std::size_t i = 0; i < kStages; ++i)
    for (const WorkColumn& column : kWorkColumns)
      all.*column.of += work.of(static_cast<Stage>(i)).*column.of;
  std::printf("\n%-12s", "MFLOP of");
  for (const WorkColumn& column : kWorkColumns)
    if (applies(column, all)) std::printf(" %15s", column.title);
  std::printf("\n");
  for (std::size_t i = 0; i < kStages; ++i)
    if (work.of(static_cast<Stage>(i)).any())
      print_work_of(name_of(static_cast<Stage>(i)), work.of(static_cast<Stage>(i)), all);
  print_work_of("all", all, all);
  std::string symbols;
  for (const WorkColumn& column : kWorkColumns)
    if (applies(column, all)) symbols += (symbols.empty() ? "" : ", ") + std::string(column.symbol);
  std::printf(
      "\nA forward pass over S source and T target pieces: these times %s.\n"
      "With a prime: the pieces that are distinct among those that a thread passes at once (a\n"
      "shard of the batch, or a part of it), or all again, where dropout of embeddings makes\n"
      "equal pieces differ.\n"
      "An update counts three times that. Products alone count, 2 m n k each, with attention's\n"
      "scores and weighted sums.\n",
      symbols.c_str());
}

int run_bench(const BenchOptions& options) {
  if (!(options.seconds > 0 && std::isfinite(options.seconds)))
    throw CLI::ValidationError("--seconds", "must be a number above 0");
  const Config config = read_config(options.config, options.sets);
  const Measured measured = measure(config, options);
  if (options.json) {
    std::cout << to_text(to_json(measured));
    return 0;
  }
  print_head(measured);
  print_speeds(measured);
  print_stages(measured);
  print_work(measured.training.work);
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Command& command) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* sub = app.add_subcommand(
      "bench", "Measure this machine on a config: training, translating, and where the time goes");
  sub->option_defaults()->group("Config");
  sub->add_option("--config", options->config,
                  "JSON config; without data.train_source, on made-up text")
      ->type_name("FILE")
      ->required();
  add_set(*sub, options->sets,
          "StridedMatrix over the config, e.g. train.batch_size=128; may be repeated");
  sub->option_defaults()->group("Measuring");
  sub->add_option("--seconds", options->seconds, "Of training; all else takes about as long again")
      ->type_name("N")
      ->capture_default_str();
  sub->add_flag("--json", options->json, "Print one JSON object");
  sub->add_option("--threads", options->threads, "Worker threads in place of train.threads")
      ->type_name("N")
      ->check(CLI::Range(0, 256).description(""));
  sub->footer(
      "Examples:\n"
      "  attn bench --config configs/bench/small.json --threads 2\n"
      "  attn bench --config configs/quickstart.json --seconds 5 --json");
  sub->callback([&command, options] { command = [options] { return run_bench(*options); }; });
}

}  // namespace attn
