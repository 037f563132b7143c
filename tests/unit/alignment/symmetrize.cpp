#include "alignment/symmetrize.h"

#include <doctest/doctest.h>

namespace {

using Links = std::vector<attn::Link>;

Links combined(const char* way, const Links& forward, const Links& backward) {
  const auto& combine = attn::symmetrizations().at(way);
  CHECK(combine(backward, forward) == combine(forward, backward));
  return combine(forward, backward);
}

}  // namespace

// Of 0-0 and 1-1 both directions are sure. 1-2 touches 1-1 and brings in target word 2; 3-3 touches
// nothing, but neither of its words has a link; 0-4 would bring in target word 4 alone, from afar.
TEST_CASE("two directions are combined") {
  const Links forward = {{0, 0}, {1, 1}, {1, 2}, {0, 4}}, backward = {{0, 0}, {1, 1}, {3, 3}};
  CHECK(combined("intersection", forward, backward) == Links{{0, 0}, {1, 1}});
  CHECK(combined("union", forward, backward) == Links{{0, 0}, {0, 4}, {1, 1}, {1, 2}, {3, 3}});
  CHECK(combined("grow-diag", forward, backward) == Links{{0, 0}, {1, 1}, {1, 2}});
  CHECK(combined("grow-diag-final-and", forward, backward) ==
        Links{{0, 0}, {1, 1}, {1, 2}, {3, 3}});
}

TEST_CASE(
    "growing goes on from what has grown, also over a corner, and joins no two linked words") {
  const Links forward = {{0, 0}, {1, 1}, {2, 2}, {0, 1}}, backward = {{0, 0}};
  CHECK(combined("grow-diag", forward, backward) == Links{{0, 0}, {0, 1}, {1, 1}, {2, 2}});
  CHECK(combined("grow-diag", {{0, 0}, {1, 1}, {0, 1}}, {{0, 0}, {1, 1}}) == Links{{0, 0}, {1, 1}});
}

TEST_CASE("of no links none come, of one direction alone its own") {
  for (const auto& way : attn::symmetrizations()) CHECK(way.value({}, {}).empty());
  CHECK(combined("union", {{1, 0}}, {}) == Links{{1, 0}});
  CHECK(combined("intersection", {{1, 0}}, {}).empty());
  CHECK(combined("grow-diag-final-and", {{1, 0}, {0, 1}}, {}) == Links{{0, 1}, {1, 0}});
}
