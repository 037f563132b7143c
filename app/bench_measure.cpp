#include "bench_measure.h"

#include <algorithm>

#include "base/error.h"
#include "base/line_reader.h"
#include "base/stopwatch.h"
#include "base/system_info.h"
#include "math/gemm/product.h"
#include "nn/init.h"
#include "search/translate.h"
#include "text/synthetic.h"

namespace attn {
namespace {

constexpr std::size_t kMaxLines = 1000;  // to translate

std::pair<Tokenizer, Tokenizer> bench_tokenizers(const DataConfig& c) {
  if (!c.train_source.empty() || !c.source_tokenizer.empty()) return make_tokenizers(c);
  Tokenizer source = synthetic_tokenizer(c.source_vocabulary_size);
  return {source, c.shared_vocabulary ? source : synthetic_tokenizer(c.target_vocabulary_size)};
}

std::vector<std::string> lines_to_translate(const DataConfig& c, const BenchText& text) {
  const bool has_words = !c.train_source.empty() || !c.source_tokenizer.empty();
  const fs::path& held_out = c.test_source.empty() ? c.valid_source : c.test_source;
  const fs::path& file = held_out.empty() ? c.train_source : held_out;
  std::vector<std::string> lines;
  if (has_words && !file.empty()) {
    LineReader reader(file);
    for (std::string line; lines.size() < kMaxLines && reader.next(line);) lines.push_back(line);
    if (lines.empty())
      throw Error(file.string() + ": the file is empty; there is nothing to translate");
  } else {
    const Corpus& synthetic = text.data.train.corpus();
    for (std::size_t i = 0; i < std::min(synthetic.size(), kMaxLines); ++i) {
      const Words words = synthetic.source(i);
      lines.push_back(text.source.decode(words.first(words.size() - 1)));
    }
  }
  return lines;
}

void train_update(Trainer& trainer, TrainingSpeed& speed) {
  trainer.update();
  const auto& sums = trainer.last_sums();
  speed.amounts.sentence += sums.sentences;
  speed.amounts.source_word += sums.source_tokens;
  speed.amounts.target_word += sums.tokens;
  speed.amounts.word_pair += sums.word_pairs;
  speed.amounts.source_pair += sums.source_pairs;
  speed.amounts.segment += sums.segments;
  speed.amounts.segment_pair += sums.segment_pairs;
  speed.amounts.distinct_source += sums.distinct_source;
  speed.amounts.distinct_target += sums.distinct_target;
  ++speed.updates;
}

// Returns the mean number of subwords of a line, with the end of sentence.
double mean_length(const std::vector<std::string>& lines, const Tokenizer& tokenizer) {
  double sum = 0;
  for (const auto& line : lines) sum += static_cast<double>(tokenizer.encode(line).size()) + 1;
  return sum / static_cast<double>(lines.size());
}

void translate_lines(const Model& model, std::span<const std::string> lines,
                     const SearchConfig& search, Pool& pool, TranslationSpeed& speed) {
  const Model* const models[] = {&model};
  Profile profile;
  const Profiling profiling(&profile, Stage::other);
  const Stopwatch watch;
  const auto out = translate(models, {lines}, search, pool);
  speed.seconds += watch.seconds();
  speed.operations += static_cast<double>(profile.operations());
  speed.sentences += static_cast<double>(lines.size());
  for (const auto& line : out)
    speed.subwords += static_cast<double>(line.translations[0].target.size());
}

}  // namespace

BenchText bench_text(const Config& config, const std::string& where, Workers workers) {
  const DataConfig& c = config.data;
  if (c.train_source.empty() != c.train_target.empty())
    throw Error(
        where +
        ": data.train_source and data.train_target: give both, or neither for synthetic text");
  if (c.train_source.empty() && config.model.encoder.hierarchical)
    throw Error(where +
                ": model.encoder.hierarchical needs data.train_source and data.train_target: "
                "synthetic text has no documents");
  check_precision(config.search, where);
  check_precision(config.train, where);
  check_training_files(config, where);
  check_test_files(config, where);
  auto [source, target] =
      tokenizers_of_first([&] { return bench_tokenizers(c); }, c, workers.communicator);
  BenchText text{source, target, {}, {}, c.train_source.empty()};
  if (text.synthetic)
    text.data.train =
        synthetic_corpus(kSyntheticPairs, source, target,
                         RandomKey(static_cast<std::uint64_t>(config.train.seed)).at("made up"));
  else
    text.data = read_train_data(c, source, target, fs::temp_directory_path(), workers);
  text.lines = lines_to_translate(c, text);
  return text;
}

TrainingSpeed measure_training(const Config& config, const BenchText& text, double seconds,
                               Workers workers) {
  Model model(config.model, text.source, text.target);
  const RunDirectory nowhere{fs::path()};
  RunLog log;  // an update logs nothing
  log.silence();
  Trainer trainer(config, text.data, model, nowhere, log, workers);
  trainer.start();
  TrainingSpeed speed{.parameters = model.network.layout().count(),
                      .flops = Flops(model.network, Weights(model.weights))};
  TrainingSpeed warm_up = speed;
  // The processes follow the clock of the first one.
  const auto now = [&] { return trainer.state().seconds; };
  train_update(trainer, warm_up);
  for (const double begin = now(); warm_up.updates < 3 || now() - begin < seconds / 5;)
    train_update(trainer, warm_up);
  {
    const Profiling profiling(&speed.profile, Stage::other);
    const double begin = now();
    const Traffic before = workers.communicator.traffic();
    do train_update(trainer, speed);
    while (now() - begin < seconds);
    speed.seconds = now() - begin;
    speed.traffic = {workers.communicator.traffic().bytes - before.bytes,
                     workers.communicator.traffic().seconds - before.seconds};
  }
  speed.peak_memory_mib = peak_memory_mib();
  return speed;
}

TranslationSpeed measure_translation(const Config& config, const BenchText& text, int beam_size,
                                     double seconds, Pool& pool) {
  Model model(config.model, text.source, text.target);
  initialize(model.network.layout(), init_schemes().at(config.model.init),
             static_cast<std::uint64_t>(config.train.seed), model.weights);
  SearchConfig search = config.search.with_beam(beam_size);
  search.max_length_ratio = std::max(0.1, 1 - kExtraLength / mean_length(text.lines, text.source));

  const std::span lines(text.lines);
  const auto few =
      std::min(lines.size(), static_cast<std::size_t>(pool.threads() * search.batch_size));
  TranslationSpeed warm_up, speed;
  translate_lines(model, lines.first(few), search, pool, warm_up);
  const double in_time = warm_up.sentences / warm_up.seconds * seconds;
  const auto max = std::max(few, static_cast<std::size_t>(std::min(in_time, 1e9)));
  do translate_lines(model, lines.first(std::min(lines.size(), max)), search, pool, speed);
  while (speed.seconds < seconds);
  return speed;
}

double product_peak(Precision precision, double seconds, Pool& pool) {
  constexpr Index n = 2048;
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", n, n, Role::input);
  Params weight(layout);
  std::fill(weight.flat().begin(), weight.flat().end(), Real(0.5));
  std::vector<std::pair<Mat, Mat>> x_and_y(static_cast<std::size_t>(pool.threads()));
  pool.for_each(x_and_y.size(), [&](std::size_t i, int) {
    x_and_y[i] = {Mat::Constant(n, n, 0.5), Mat::Zero(n, n)};
  });
  const double operations = 2.0 * n * n * n * static_cast<double>(x_and_y.size());
  double best = 0;
  const Weights weights(weight, precision);
  const Stopwatch all;
  do {
    const Stopwatch round;
    pool.for_each(x_and_y.size(), [&](std::size_t i, int) {
      product(weights, slot, x_and_y[i].first, x_and_y[i].second);
    });
    best = std::max(best, operations / round.seconds());
  } while (all.seconds() < seconds);
  return best;
}

}  // namespace attn
