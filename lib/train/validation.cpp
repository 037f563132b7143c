#include "train/validation.h"

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
  ValidationResult result;
  result.cross_entropy =
      measure(model.network, Weights(model.weights), *data_.valid, pool_).cross_entropy;
  const SearchConfig search = config_.search.with_beam(config_.train.valid_beam);
  const auto found = translations(model, data_.valid_source, search, pool_);
  result.samples = validation_samples(update, model, data_.valid_source, data_.valid_target, found);
  result.bleu =
      bleu(texts(found), {data_.valid_target}, {.tokenizer = config_.data.bleu_tokenizer}).score;
  return result;
}

void Validation::compare(ValidationResult& result, TrainState& state) const {
  const bool by_bleu = valid_metrics().at(config_.train.valid_metric) == ValidMetric::bleu;
  const double value = by_bleu ? result.bleu : result.cross_entropy;
  result.improved = !state.best || (by_bleu ? value > *state.best : value < *state.best);
  if (result.improved) state.best = value, state.best_update = state.update;
  record_validation(config_.train, result.improved, state.progress);
}

}  // namespace attn
