// By hand.
#include "nn/attention/normalizer.h"

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {
namespace {

// In translation: nothing is drawn.
std::vector<Real> weights_of(const std::string& kind, std::vector<Real> energies,
                             const NormalizerOptions& options = {}) {
  const DropoutContext none;
  normalizers().at(kind).make(options)->weigh(static_cast<Index>(energies.size()), {none, 0, 0},
                                              energies.data());
  return energies;
}

void check_weighting(const std::vector<Real>& got, const std::vector<double>& want) {
  REQUIRE(got.size() == want.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(double(got[i]) == doctest::Approx(want[i]).epsilon(1e-6));
}

}  // namespace

TEST_CASE("among words of equal energy the earlier stays") {
  NormalizerOptions two;
  two.k = 2;
  check_weighting(weights_of("top_k", {1, 2, 2, 2}, two), {0, 0.5, 0.5, 0});
  check_weighting(weights_of("top_k", {3, 3, 3}, two), {0.5, 0.5, 0});
  check_weighting(weights_of("hard", {1, 3, 3, 2}), {0, 1, 0, 0});
}

TEST_CASE("top k keeps the largest as they were to each other") {
  NormalizerOptions two;
  two.k = 2;
  check_weighting(weights_of("top_k", {Real(std::log(3)), -1, 0}, two), {0.75, 0, 0.25});
  check_weighting(weights_of("top_k", {Real(std::log(3)), 0}, two), {0.75, 0.25});
}

TEST_CASE("a threshold is a part of the largest weight") {
  NormalizerOptions half;
  half.threshold = Real(0.5);
  check_weighting(weights_of("threshold", {0, Real(std::log(0.6)), Real(std::log(0.4))}, half),
                  {1 / 1.6, 0.6 / 1.6, 0});
  check_weighting(weights_of("threshold", {0, 50, 0}, half), {0, 1, 0});
}

TEST_CASE("temperature divides the energies") {
  NormalizerOptions warm;
  warm.temperature = 2;
  check_weighting(weights_of("softmax", {Real(2 * std::log(3)), 0}, warm), {0.75, 0.25});
}

TEST_CASE("every kind: no weight below zero, their sum is one, and a word alone has it all") {
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
    check_weighting(weights_of(kind.name, {-7}, options), {1});
  }
}

}  // namespace attn::test
