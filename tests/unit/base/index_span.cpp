#include "base/index_span.h"

#include <array>
#include <numeric>
#include <string>

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

TEST_CASE("an index span of a string or an array has signed positions") {
  std::string text = "abc";
  const IndexSpan letters(text);
  letters[-1 + 2] = 'x';
  CHECK(text == "axc");
  const std::array<double, 2> pair = {0.5, 2};
  CHECK(IndexSpan(pair).back() == 2);
  static_assert(std::is_same_v<decltype(IndexSpan(pair)), IndexSpan<const double>>);
}

TEST_CASE("index spans convert to spans and to spans of constant elements, not the reverse") {
  static_assert(std::is_convertible_v<IndexSpan<int>, std::span<int>>);
  static_assert(std::is_convertible_v<IndexSpan<int>, IndexSpan<const int>>);
  static_assert(!std::is_constructible_v<IndexSpan<int>, IndexSpan<const int>>);
  static_assert(!std::is_constructible_v<IndexSpan<int>, const std::vector<int>&>);
  static_assert(!std::is_constructible_v<IndexSpan<int>, std::vector<int>>);  // would dangle
  static_assert(!std::is_constructible_v<IndexSpan<double>, std::vector<float>&>);
  std::vector<int> numbers = {1, 2, 3};
  const std::span<int> standard = IndexSpan(numbers).first(2);
  CHECK(standard.data() == numbers.data());
  CHECK(standard.size() == 2);
}

TEST_CASE("chunks have the given size, except the last one") {
  const std::vector<int> numbers = {0, 1, 2, 3, 4, 5, 6};
  const auto parts = chunks(IndexSpan(numbers), 3);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].size() == 3);
  CHECK(parts[1].front() == 3);
  CHECK(parts[2].size() == 1);
  CHECK(parts[2].front() == 6);
  CHECK(chunks(IndexSpan(numbers).first(6), 3).size() == 2);
  CHECK(chunks(IndexSpan(numbers), 100).size() == 1);
  CHECK(chunks(IndexSpan<const int>(), 3).empty());
}

TEST_CASE("a vector or a string can be resized to a signed size") {
  std::vector<int> numbers = {1, 2};
  resize(numbers, Index{3});
  CHECK(numbers == std::vector{1, 2, 0});
  resize(numbers, 5, 7);
  CHECK(numbers == std::vector{1, 2, 0, 7, 7});
  std::string text;
  reserve(text, 100);
  CHECK(text.capacity() >= 100);
  resize(text, 2, 'x');
  CHECK(text == "xx");
}

}  // namespace attn::test
