// Attention to words and sentences: what follows from α_ij = β_is α_isj.
#include <doctest/doctest.h>

#include "property/tiny.h"

namespace attn::test {
namespace {

constexpr double kDocumentTolerance = 1e-5;

ModelConfig documents(ModelConfig config) {
  config.encoder.hierarchical = true;
  return config;
}

// What a model says of one pair.
struct SaidOfDocument {
  std::vector<Real> log_probs, weights;
};
SaidOfDocument said(const Seq2Seq& model, const Params& w, const std::vector<int>& source,
                    const std::vector<int>& target) {
  const Pairs pair{{source}, {target}};
  Seq2Seq::Scratch scratch(model);
  const std::vector<std::size_t> first = {0};
  model.loss(w, pair.batch(first), {}, DropoutContext{}, scratch);
  return {scratch.log_probs, scratch.weights};
}

// f(config) for each encoder, each score and each normalizer that go with documents.
template <class F>
void for_each_kind(F&& f) {
  for_each_model([&](const ModelConfig& config) {
    const AttentionConfig& attention = config.attention;
    if (!config.encoder.hierarchical && attention.window == "global" && !attention.coverage &&
        attention.score != "none" && attention.score != "location" &&
        attention.normalizer != "hard")
      f(config);
  });
}

}  // namespace

TEST_CASE("a document of one sentence is that sentence, whatever looks at sentences") {
  const RandomKey key(19);
  const std::vector<int> source = {7, 2, 9, 4, kEnd}, target = {3, 5, 8, kEnd};
  int kinds = 0;
  for_each_kind([&](const ModelConfig& config) {
    const Seq2Seq flat(config, kSourceWords, kTargetWords);
    const Seq2Seq deep(documents(config), kSourceWords, kTargetWords);
    // Weights are functions of their names: both have the same.
    const SaidOfDocument want = said(flat, random_weights(flat, key), source, target);
    const SaidOfDocument got = said(deep, random_weights(deep, key), source, target);
    check_near("log-probabilities", got.log_probs, want.log_probs, kDocumentTolerance);
    check_near("weights", got.weights, want.weights, kDocumentTolerance);
    ++kinds;
  });
  CHECK(kinds > 20);
}

TEST_CASE("weights sum to 1, and a sentence's part of them follows from the sentences alone") {
  const RandomKey key(23);
  const std::vector<int> source = {7, 2, kEnd, 9, kEnd, kEnd, 4, 11, 3, kEnd}, target = {3, kEnd};
  const std::vector<std::size_t> ends = {3, 5, 6, 10};
  const ModelConfig config = documents(tiny_config());
  const Seq2Seq model(config, kSourceWords, kTargetWords);
  const Params w = random_weights(model, key);
  // β without a query of the words: the score of the words made flat.
  Params flat = random_weights(model, key);
  for (const auto& entry : model.layout().entries())
    if (entry.name == "attention.v") flat.vector(entry.slot).setZero();
  const SaidOfDocument with = said(model, w, source, target),
                       without = said(model, flat, source, target);
  std::size_t begin = 0;
  double all = 0;
  for (const std::size_t end : ends) {
    double sum = 0, sum_flat = 0;
    for (std::size_t j = begin; j < end; ++j) {
      sum += double(with.weights[j]), sum_flat += double(without.weights[j]);
      CHECK(without.weights[j] == doctest::Approx(double(without.weights[begin])));
    }
    CHECK(sum == doctest::Approx(sum_flat).epsilon(kDocumentTolerance));
    all += sum;
    begin = end;
  }
  CHECK(all == doctest::Approx(1).epsilon(kDocumentTolerance));
}

}  // namespace attn::test
