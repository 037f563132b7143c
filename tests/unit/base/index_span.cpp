#include "base/index_span.h"

#include <numeric>

#include <doctest/doctest.h>

namespace attn::test {

TEST_CASE("an index span refers to the elements of a vector") {
  std::vector<int> numbers = {3, 1, 4, 1, 5};
  const IndexSpan<int> all(numbers);
  all[2] = 9;
  CHECK(numbers[2] == 9);
  CHECK(all.size() == 5);
  CHECK(all.front() == 3);
  CHECK(all.back() == 5);
  CHECK(std::accumulate(all.begin(), all.end(), 0) == 19);
}

TEST_CASE("parts of an index span are spans of the same elements") {
  std::vector<int> numbers = {3, 1, 4, 1, 5};
  const IndexSpan<const int> all(numbers);
  CHECK(all.first(2).size() == 2);
  CHECK(all.subspan(3, 2).data() == numbers.data() + 3);
  CHECK(all.subspan(5, 0).empty());
  const std::span<const int> standard = all;
  CHECK(IndexSpan(standard).back() == 5);
}

}  // namespace attn::test
