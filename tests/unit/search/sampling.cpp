#include "search/sampling.h"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <doctest/doctest.h>

namespace {

using attn::Real;
using attn::SampleOptions;

constexpr int kSamples = 1000;

std::vector<Real> logs(const std::vector<double>& probabilities) {
  std::vector<Real> out;
  for (const double p : probabilities) out.push_back(static_cast<Real>(std::log(p)));
  return out;
}

// Returns how often each word is sampled with evenly spaced numbers: its probability, up to
// rounding.
std::map<int, double> frequencies(const std::vector<Real>& log_probs,
                                  const SampleOptions& options) {
  std::map<int, double> out;
  for (int i = 0; i < kSamples; ++i)
    out[attn::sample_word(log_probs, options, (i + 0.5) / kSamples)] += 1.0 / kSamples;
  return out;
}

void check_frequencies(const std::map<int, double>& got, const std::map<int, double>& want) {
  REQUIRE(got.size() == want.size());
  for (const auto& entry : want) {
    CAPTURE(entry.first);
    CHECK(std::abs(got.at(entry.first) - entry.second) < 1.5 / kSamples);
  }
}

const std::vector<double> kFour = {0.1, 0.4, 0.3, 0.2};

}  // namespace

TEST_CASE("words are sampled with their probabilities") {
  check_frequencies(frequencies(logs(kFour), {}), {{0, 0.1}, {1, 0.4}, {2, 0.3}, {3, 0.2}});
}

// √p: 0.3162, 0.6325, 0.5477, 0.4472 sum to 1.9436; p²: 0.01, 0.16, 0.09, 0.04 to 0.3.
TEST_CASE("a sampling temperature above 1 makes words more equally probable, one below 1 less") {
  check_frequencies(
      frequencies(logs(kFour), {.temperature = 2}),
      {{0, 0.3162 / 1.9436}, {1, 0.6325 / 1.9436}, {2, 0.5477 / 1.9436}, {3, 0.4472 / 1.9436}});
  check_frequencies(frequencies(logs(kFour), {.temperature = 0.5}),
                    {{0, 0.01 / 0.3}, {1, 0.16 / 0.3}, {2, 0.09 / 0.3}, {3, 0.04 / 0.3}});
}

TEST_CASE("top_k and top_p restrict sampling to the most probable words") {
  check_frequencies(frequencies(logs(kFour), {.top_k = 2}), {{1, 4.0 / 7}, {2, 3.0 / 7}});
  check_frequencies(frequencies(logs(kFour), {.top_k = 9}),
                    {{0, 0.1}, {1, 0.4}, {2, 0.3}, {3, 0.2}});
  check_frequencies(frequencies(logs(kFour), {.top_p = 0.65}), {{1, 4.0 / 7}, {2, 3.0 / 7}});
  check_frequencies(frequencies(logs(kFour), {.top_p = 0.35}), {{1, 1.0}});
  // The smallest set with 0.7 of the probability of the three best words (0.4, 0.3, 0.2 of 0.9).
  check_frequencies(frequencies(logs(kFour), {.top_k = 3, .top_p = 0.7}),
                    {{1, 4.0 / 7}, {2, 3.0 / 7}});
  check_frequencies(frequencies(logs({0.25, 0.25, 0.25, 0.25}), {.top_k = 2}),
                    {{0, 0.5}, {1, 0.5}});
}

TEST_CASE("impossible words are never sampled, and the result is -1 if all words are impossible") {
  const Real impossible = -std::numeric_limits<Real>::infinity();
  std::vector<Real> some = logs({0.5, 0.25, 0.25});
  some[0] = impossible;
  check_frequencies(frequencies(some, {}), {{1, 0.5}, {2, 0.5}});
  check_frequencies(frequencies({impossible, impossible}, {}), {{-1, 1.0}});
}
