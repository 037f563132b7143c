// Properties of two-level attention that follow from α_ij = β_is α_isj.
#include <doctest/doctest.h>

#include "property/tiny.h"

namespace attn::test {
namespace {

constexpr double kDocumentTolerance = 1e-5;

ModelConfig documents(ModelConfig config) {
  config.encoder.hierarchical = true;
  return config;
}

// The results of a model for one pair.
struct DocumentResults {
  std::vector<Real> log_probs, weights;
};
DocumentResults results_of(const Seq2Seq& model, const Params& w, const std::vector<int>& source,
                           const std::vector<int>& target) {
  const Pairs pair{{source}, {target}};
  Seq2Seq::Scratch scratch(model);
  const std::vector<std::size_t> first = {0};
  model.loss(Weights(w), pair.batch(first), {}, DropoutContext{}, scratch);
  return {scratch.log_probs, scratch.weights};
}

// Calls f(config) for each flat model that has a hierarchical variant.
template <class F>
void for_each_document_model(F&& f) {
  for_each_model([&](const ModelConfig& config) {
    const AttentionConfig& attention = config.attention;
    if (!config.encoder.hierarchical && attention.window == "global" && !attention.coverage &&
        attention.score != "none" && attention.score != "location" &&
        attention.normalizer != "hard")
      f(config);
  });
}

}  // namespace

TEST_CASE("a hierarchical model on a document of one sentence equals the flat model") {
  const RandomKey key(19);
  const std::vector<int> source = {7, 2, 9, 4, kEnd}, target = {3, 5, 8, kEnd};
  int models = 0;
  for_each_document_model([&](const ModelConfig& config) {
    const Seq2Seq flat(config, kSourceWords, kTargetWords);
    const Seq2Seq hierarchical(documents(config), kSourceWords, kTargetWords);
    // random_weights is a function of the parameters' names, so the models share their weights.
    const DocumentResults want = results_of(flat, random_weights(flat, key), source, target);
    const DocumentResults got =
        results_of(hierarchical, random_weights(hierarchical, key), source, target);
    check_near("log-probabilities", got.log_probs, want.log_probs, kDocumentTolerance);
    check_near("weights", got.weights, want.weights, kDocumentTolerance);
    ++models;
  });
  CHECK(models > 20);
}

TEST_CASE("document weights sum to 1, and the total of a segment does not depend on word scores") {
  const RandomKey key(23);
  const std::vector<int> source = {7, 2, kEnd, 9, kEnd, kEnd, 4, 11, 3, kEnd}, target = {3, kEnd};
  const std::vector<std::size_t> ends = {3, 5, 6, 10};
  const ModelConfig config = documents(tiny_config());
  const Seq2Seq model(config, kSourceWords, kTargetWords);
  const Params w = random_weights(model, key);
  // With v = 0, the score of all words is the same.
  Params flat = random_weights(model, key);
  for (const auto& entry : model.layout().entries())
    if (entry.name == "attention.v") flat.vector(entry.slot).set_zero();
  const DocumentResults scored = results_of(model, w, source, target),
                        unscored = results_of(model, flat, source, target);
  std::size_t begin = 0;
  double all = 0;
  for (const std::size_t end : ends) {
    double sum = 0, sum_flat = 0;
    for (std::size_t j = begin; j < end; ++j) {
      sum += double(scored.weights[j]), sum_flat += double(unscored.weights[j]);
      CHECK(unscored.weights[j] == doctest::Approx(double(unscored.weights[begin])));
    }
    CHECK(sum == doctest::Approx(sum_flat).epsilon(kDocumentTolerance));
    all += sum;
    begin = end;
  }
  CHECK(all == doctest::Approx(1).epsilon(kDocumentTolerance));
}

}  // namespace attn::test
