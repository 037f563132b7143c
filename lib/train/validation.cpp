#include "train/validation.h"

#include <algorithm>
#include <map>

#include "base/stopwatch.h"
#include "base/system_info.h"
#include "metrics/bleu.h"
#include "train/evaluate.h"
#include "train/validation_samples.h"

namespace attn {

ValidationResult Validation::run(const Model& model, TrainState& state) const {
  const Stopwatch stopwatch;
  ValidationResult result = measure_model(model, state.update);
  release_free_memory();
  result.seconds = stopwatch.seconds();
  compare(result, state);
  return result;
}

ValidationResult Validation::measure_model(const Model& model, std::int64_t update) const {
  Communicator& communicator = workers_.communicator;
  ValidationResult result;
  const Weights w(model.weights);
  result.cross_entropy = measure(model.network, w, *data_.valid, workers_).cross_entropy;
  const SearchConfig search = config_.search.with_beam(config_.train.valid_beam);
  const Share share{static_cast<std::size_t>(communicator.rank()),
                    static_cast<std::size_t>(communicator.size())};
  const auto found = translations(model, data_.valid_source, search, workers_.pool, share);
  std::vector<std::string> texts(found.size());
  Json sentences = Json::array();
  collect(model, w, found, texts, sentences);
  result.samples = {{"update", update}, {"sentences", std::move(sentences)}};
  if (communicator.is_first())
    result.bleu =
        bleu(texts, {data_.valid_target}, {.tokenizer = config_.data.bleu_tokenizer}).score;
  communicator.broadcast(IndexSpan(&result.bleu, 1));
  return result;
}

void Validation::collect(const Model& model, const Weights& w,
                         const std::vector<TranslatedLine>& found, std::vector<std::string>& texts,
                         Json& sentences) const {
  Json own_samples = Json::array(), own_texts = Json::array();
  const std::vector<std::size_t> shown = sample_lines(found);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].translations.empty()) continue;
    const std::string& text = found[i].translations[0].text;
    // A text may have bytes that are not UTF-8.
    own_texts.push_back({i, Json::binary({text.begin(), text.end()})});
    if (std::ranges::count(shown, i) > 0)
      own_samples.push_back({i, validation_sample(model, w, i, data_.valid_source[i],
                                                  data_.valid_target[i], found[i])});
  }
  std::string message;
  Json::to_cbor({own_texts, own_samples}, message);
  std::map<std::size_t, Json> samples;
  for (const std::string& part : workers_.communicator.gather_texts(message)) {
    const Json parts = Json::from_cbor(part);
    for (const Json& line : parts.at(0)) {
      const Json::binary_t& bytes = line.at(1).get_binary();
      texts[line.at(0).get<std::size_t>()].assign(bytes.begin(), bytes.end());
    }
    for (const Json& line : parts.at(1)) samples[line.at(0)] = line.at(1);
  }
  for (auto& [line, sample] : samples) sentences.push_back(std::move(sample));
}

void Validation::compare(ValidationResult& result, TrainState& state) const {
  const bool by_bleu = valid_metrics().at(config_.train.valid_metric) == ValidMetric::bleu;
  const double value = by_bleu ? result.bleu : result.cross_entropy;
  result.improved = !state.best || (by_bleu ? value > *state.best : value < *state.best);
  if (result.improved) state.best = value, state.best_update = state.update;
  record_validation(config_.train, result.improved, state.progress);
}

}  // namespace attn
