#include "search/constraints.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace {

using attn::Constraints;
using attn::Mat;
using attn::Real;

constexpr int kEnd = 1;

// Returns the possible next words, from a vocabulary of six.
std::vector<int> possible(const Constraints& constraints, const std::vector<int>& prefix,
                          const std::vector<int>& generated) {
  Mat log_probs = Mat::Constant(6, 1, Real(-2));
  attn::constrain(constraints, prefix, generated, kEnd, log_probs);
  std::vector<int> out;
  for (int word = 0; word < 6; ++word)
    if (std::isfinite(log_probs(word, 0))) out.push_back(word);
  return out;
}

using Ids = std::vector<int>;
const Ids kAll = {0, 1, 2, 3, 4, 5};

}  // namespace

TEST_CASE("without constraints every word may follow") {
  CHECK(possible({}, {}, {}) == kAll);
  CHECK(possible({}, {}, {2, 2, 2}) == kAll);
}

TEST_CASE("the end of sentence is impossible before min_length and forced at max_length") {
  const Constraints constraints = {.min_length = 2, .max_length = 3};
  const Ids no_end = {0, 2, 3, 4, 5};
  CHECK(possible(constraints, {}, {}) == no_end);
  CHECK(possible(constraints, {}, {2}) == no_end);
  CHECK(possible(constraints, {}, {2, 3}) == kAll);
  CHECK(possible(constraints, {}, {2, 3, 4}) == Ids{kEnd});
}

TEST_CASE("no_repeat_ngram forbids every word that would repeat an n-gram") {
  CHECK(possible({.no_repeat_ngram = 1}, {}, {2, 4}) == Ids{0, 1, 3, 5});
  CHECK(possible({.no_repeat_ngram = 2}, {}, {2, 4, 2}) == Ids{0, 1, 2, 3, 5});
  CHECK(possible({.no_repeat_ngram = 2}, {}, {2, 4, 2, 5, 2}) == Ids{0, 1, 2, 3});
  CHECK(possible({.no_repeat_ngram = 2}, {}, {3, 3}) == Ids{0, 1, 2, 4, 5});
  CHECK(possible({.no_repeat_ngram = 3}, {}, {2, 4, 2, 4}) == Ids{0, 1, 3, 4, 5});
  CHECK(possible({.no_repeat_ngram = 3}, {}, {2, 4}) == kAll);
}

TEST_CASE("a prefix is generated word by word, regardless of the other constraints") {
  const Constraints constraints = {.min_length = 5, .max_length = 1, .no_repeat_ngram = 1};
  CHECK(possible(constraints, {3, 3, 2}, {}) == Ids{3});
  CHECK(possible(constraints, {3, 3, 2}, {3}) == Ids{3});
  CHECK(possible(constraints, {3, 3, 2}, {3, 3}) == Ids{2});
  CHECK(possible(constraints, {3, 3, 2}, {3, 3, 2}) == Ids{kEnd});
}

TEST_CASE("the maximum number of steps allows for the length ratio, the prefix and min_length") {
  CHECK(attn::max_steps({.max_length_ratio = 1.5}, 5, 0) == 7 + attn::kExtraLength);
  CHECK(attn::max_steps({.max_length_ratio = 0}, 5, 9) == 9 + attn::kExtraLength);
  CHECK(attn::max_steps({.min_length = 20, .max_length_ratio = 1}, 5, 9) ==
        20 + attn::kExtraLength);
}
