#include "math/packing.h"

#include <doctest/doctest.h>

#include "base/error.h"

TEST_CASE("each step of a packing has a column for each sequence that has not ended") {
  const std::vector<int> lengths = {3, 1, 1};
  const attn::Packing packing(lengths);
  CHECK(packing.steps() == 3);
  CHECK(packing.columns() == 5);
  CHECK(packing.width(0) == 3);
  CHECK(packing.width(1) == 1);
  CHECK(packing.column(0, 2) == 4);
  CHECK_THROWS_AS(attn::Packing(std::vector<int>{1, 2}), attn::Bug);
  CHECK_THROWS_AS(attn::Packing(std::vector<int>{1, 0}), attn::Bug);
}
