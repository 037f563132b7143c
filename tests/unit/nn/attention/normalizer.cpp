// Normalizers, compared with values computed by hand.
#include "nn/attention/normalizer.h"

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/approx.h"

namespace attn::test {
namespace {

// Returns the attention weights as in translation, that is without sampling.
std::vector<Real> weights_of(const std::string& kind, std::vector<Real> energies,
                             const NormalizerOptions& options = {}) {
  const DropoutContext none;
  normalizers().at(kind).make(options)->forward(static_cast<Index>(energies.size()), {none, 0, 0},
                                                energies.data());
  return energies;
}

void check_attention_weights(const std::vector<Real>& got, const std::vector<double>& want) {
  check_close("weights", got, want, {.absolute = 1e-6, .relative = 1e-6});
}

}  // namespace

TEST_CASE("top_k and hard prefer the earlier of words with equal energies") {
  NormalizerOptions two;
  two.k = 2;
  check_attention_weights(weights_of("top_k", {1, 2, 2, 2}, two), {0, 0.5, 0.5, 0});
  check_attention_weights(weights_of("top_k", {3, 3, 3}, two), {0.5, 0.5, 0});
  check_attention_weights(weights_of("hard", {1, 3, 3, 2}), {0, 1, 0, 0});
}

TEST_CASE("top_k keeps the ratios of the largest weights") {
  NormalizerOptions two;
  two.k = 2;
  check_attention_weights(weights_of("top_k", {Real(std::log(3)), -1, 0}, two), {0.75, 0, 0.25});
  check_attention_weights(weights_of("top_k", {Real(std::log(3)), 0}, two), {0.75, 0.25});
}

TEST_CASE("threshold drops words below a fraction of the largest weight") {
  NormalizerOptions half;
  half.threshold = Real(0.5);
  check_attention_weights(
      weights_of("threshold", {0, Real(std::log(0.6)), Real(std::log(0.4))}, half),
      {1 / 1.6, 0.6 / 1.6, 0});
  check_attention_weights(weights_of("threshold", {0, 50, 0}, half), {0, 1, 0});
}

TEST_CASE("the temperature of a normalizer divides the energies") {
  NormalizerOptions warm;
  warm.temperature = 2;
  check_attention_weights(weights_of("softmax", {Real(2 * std::log(3)), 0}, warm), {0.75, 0.25});
}

TEST_CASE("the weights of every normalizer are at least 0 and sum to 1, for a single word too") {
  NormalizerOptions options;
  options.k = 2;
  for (const auto& kind : normalizers()) {
    CAPTURE(kind.name);
    for (const auto& energies : std::vector<std::vector<Real>>{
             {0, 0, 0}, {1, -2, Real(0.5), 3}, {100000, 99999, -100000}, {-1000, -1000}}) {
      const auto weights = weights_of(kind.name, energies, options);
      CHECK(std::accumulate(weights.begin(), weights.end(), 0.0) == doctest::Approx(1));
      for (const Real weight : weights) CHECK(weight >= 0);
    }
    check_attention_weights(weights_of(kind.name, {-7}, options), {1});
  }
}

}  // namespace attn::test
