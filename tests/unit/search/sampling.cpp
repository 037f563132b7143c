#include "search/sampling.h"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <doctest/doctest.h>

namespace {

using attn::Real;
using attn::SampleOptions;

constexpr int kDraws = 1000;

std::vector<Real> logs(const std::vector<double>& probabilities) {
  std::vector<Real> out;
  for (const double p : probabilities) out.push_back(static_cast<Real>(std::log(p)));
  return out;
}

// How often each word is drawn, of evenly spread numbers: its probability, but for rounding.
std::map<int, double> parts(const std::vector<Real>& log_probs, const SampleOptions& options) {
  std::map<int, double> out;
  for (int i = 0; i < kDraws; ++i)
    out[attn::draw_word(log_probs, options, (i + 0.5) / kDraws)] += 1.0 / kDraws;
  return out;
}

void check_parts(const std::map<int, double>& got, const std::map<int, double>& want) {
  REQUIRE(got.size() == want.size());
  for (const auto& of_word : want) {
    CAPTURE(of_word.first);
    CHECK(std::abs(got.at(of_word.first) - of_word.second) < 1.5 / kDraws);
  }
}

const std::vector<double> kFour = {0.1, 0.4, 0.3, 0.2};

}  // namespace

TEST_CASE("words are drawn with their probabilities") {
  check_parts(parts(logs(kFour), {}), {{0, 0.1}, {1, 0.4}, {2, 0.3}, {3, 0.2}});
}

// √p: 0.3162, 0.6325, 0.5477, 0.4472 sum to 1.9436; p²: 0.01, 0.16, 0.09, 0.04 to 0.3.
TEST_CASE("a temperature above 1 makes them more alike, below 1 less") {
  check_parts(
      parts(logs(kFour), {.temperature = 2}),
      {{0, 0.3162 / 1.9436}, {1, 0.6325 / 1.9436}, {2, 0.5477 / 1.9436}, {3, 0.4472 / 1.9436}});
  check_parts(parts(logs(kFour), {.temperature = 0.5}),
              {{0, 0.01 / 0.3}, {1, 0.16 / 0.3}, {2, 0.09 / 0.3}, {3, 0.04 / 0.3}});
}

TEST_CASE("among the likeliest, by number or by what they have together") {
  check_parts(parts(logs(kFour), {.top_k = 2}), {{1, 4.0 / 7}, {2, 3.0 / 7}});
  check_parts(parts(logs(kFour), {.top_k = 9}), {{0, 0.1}, {1, 0.4}, {2, 0.3}, {3, 0.2}});
  check_parts(parts(logs(kFour), {.top_p = 0.65}), {{1, 4.0 / 7}, {2, 3.0 / 7}});
  check_parts(parts(logs(kFour), {.top_p = 0.35}), {{1, 1.0}});
  // Of the three likeliest (0.4, 0.3, 0.2 of 0.9) the fewest that have 0.7.
  check_parts(parts(logs(kFour), {.top_k = 3, .top_p = 0.7}), {{1, 4.0 / 7}, {2, 3.0 / 7}});
  check_parts(parts(logs({0.25, 0.25, 0.25, 0.25}), {.top_k = 2}), {{0, 0.5}, {1, 0.5}});
}

TEST_CASE("what is impossible is never drawn, and of nothing nothing") {
  const Real never = -std::numeric_limits<Real>::infinity();
  std::vector<Real> some = logs({0.5, 0.25, 0.25});
  some[0] = never;
  check_parts(parts(some, {}), {{1, 0.5}, {2, 0.5}});
  check_parts(parts({never, never}, {}), {{-1, 1.0}});
}
