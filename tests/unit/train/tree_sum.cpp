// The order in which gradients are summed, against a recursive definition and against sums in
// double.
#include "train/tree_sum.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"

namespace attn::test {
namespace {

using Arenas = std::vector<Params>;

constexpr Index kNumbers = 37;

Layout layout_of(Index size) {
  Layout layout;
  layout.add("numbers", {size}, Role::bias);
  return layout;
}

// Returns arenas of numbers whose sums depend on the order: they have different magnitudes.
Arenas random_arenas(std::size_t count) {
  Arenas out;
  for (std::size_t a = 0; a < count; ++a) {
    Params& arena = out.emplace_back(layout_of(kNumbers));
    for (std::size_t i = 0; i < kNumbers; ++i) {
      const RandomKey key = RandomKey(5).at(a).at(i);
      arena.flat()[i] = static_cast<Real>(key.normal() * std::exp(3 * key.at("scale").normal()));
    }
  }
  return out;
}

std::vector<Real> numbers(const Params& arena) {
  return {arena.flat().begin(), arena.flat().begin() + kNumbers};
}

// Returns the sum of number i of the arenas [begin, end), split at ⌊(begin + end) / 2⌋.
Real reference(const Arenas& arenas, std::size_t begin, std::size_t end, std::size_t i) {
  if (end - begin == 1) return arenas[begin].flat()[i];
  const std::size_t middle = (begin + end) / 2;
  const Real left = reference(arenas, begin, middle, i);
  const Real right = reference(arenas, middle, end, i);
  return left + right;
}

std::vector<Real> sequential(const Arenas& arenas) {
  std::vector<Real> sum(kNumbers);
  for (const Params& arena : arenas)
    for (std::size_t i = 0; i < kNumbers; ++i) sum[i] += arena.flat()[i];
  return sum;
}

// Sums blocks of `block` arenas one by one, then pairs of neighbors, until one is left.
std::vector<Real> sum_in_blocks(Arenas arenas, std::size_t block) {
  Arenas sums;
  for (std::size_t begin = 0; begin < arenas.size(); begin += block) {
    tree_sum(std::span(arenas).subspan(begin, block), 0, kNumbers);
    sums.push_back(std::move(arenas[begin]));
  }
  for (std::size_t step = 1; step < sums.size(); step *= 2)
    for (std::size_t left = 0; left < sums.size(); left += 2 * step)
      for (std::size_t i = 0; i < kNumbers; ++i)
        sums[left].flat()[i] += sums[left + step].flat()[i];
  return numbers(sums.front());
}

}  // namespace

TEST_CASE("the tree of five arenas adds them in the order (a + b) + (c + (d + e))") {
  // In float, 2^24 + 1 is rounded to 2^24, so that the order of the additions matters.
  const Real big = 16777216, small = 1;
  const Real terms[] = {big, small, small, small, -big};
  const Real expected = (big + small) + (small + (small + -big));
  REQUIRE(expected != (((big + small) + small) + small) + -big);
  Arenas arenas;
  for (const Real term : terms) arenas.emplace_back(layout_of(1)).flat()[0] = term;
  tree_sum(arenas, 0, 1);
  CHECK(arenas[0].flat()[0] == expected);
}

TEST_CASE("the tree of 1 to 16 arenas equals its recursive definition bit by bit") {
  for (std::size_t count = 1; count <= 16; ++count) {
    CAPTURE(count);
    const Arenas terms = random_arenas(count);
    Arenas arenas = random_arenas(count);
    tree_sum(arenas, 0, kNumbers);
    for (std::size_t i = 0; i < kNumbers; ++i)
      CHECK(arenas[0].flat()[i] == reference(terms, 0, count, i));
    if (count > 2) CHECK(numbers(arenas[0]) != sequential(terms));
  }
}

TEST_CASE("tree sums set the numbers of all arenas but the first to zero, and change no others") {
  const Index begin = 5, size = 20;
  const Arenas before = random_arenas(6);
  Arenas arenas = random_arenas(6);
  tree_sum(arenas, begin, size);
  for (std::size_t a = 0; a < 6; ++a)
    for (std::size_t i = 0; i < kNumbers; ++i) {
      const bool inside = i >= begin && i < begin + size;
      if (!inside) CHECK(arenas[a].flat()[i] == before[a].flat()[i]);
      if (inside && a > 0) CHECK(arenas[a].flat()[i] == 0);
    }
}

TEST_CASE("blocks of arenas that are summed separately and then in pairs give the same bits") {
  for (std::size_t count = 1; count <= 16; ++count) {
    Arenas arenas = random_arenas(count);
    tree_sum(arenas, 0, kNumbers);
    for (std::size_t processes = 1; processes <= count; processes *= 2) {
      if (count % processes != 0) continue;
      CAPTURE(count);
      CAPTURE(processes);
      CHECK(sum_in_blocks(random_arenas(count), count / processes) == numbers(arenas[0]));
    }
  }
}

TEST_CASE("tree sums are as exact as their depth allows, compared with sequential sums in double") {
  const double unit = 0x1p-24;  // largest relative error of an addition in float
  for (std::size_t count = 2; count <= 64; ++count) {
    CAPTURE(count);
    const Arenas terms = random_arenas(count);
    Arenas arenas = random_arenas(count);
    tree_sum(arenas, 0, kNumbers);
    for (std::size_t i = 0; i < kNumbers; ++i) {
      double sum = 0, magnitude = 0;
      for (const Params& term : terms) {
        sum += double(term.flat()[i]);
        magnitude += std::abs(double(term.flat()[i]));
      }
      const double depth = std::ceil(std::log2(double(count)));
      CHECK(std::abs(double(arenas[0].flat()[i]) - sum) <= 1.001 * depth * unit * magnitude);
    }
  }
}

}  // namespace attn::test
