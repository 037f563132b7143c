#include "alignment/symmetrize.h"

#include <doctest/doctest.h>

namespace {

using Links = std::vector<attn::Link>;

Links symmetrized(const char* method, const Links& forward, const Links& backward) {
  const auto& symmetrize = attn::symmetrizations().at(method);
  CHECK(symmetrize(backward, forward) == symmetrize(forward, backward));
  return symmetrize(forward, backward);
}

}  // namespace

// Both directions have 0-0 and 1-1. 1-2 is a neighbor of 1-1 and links target word 2. 3-3 has no
// neighbor, but neither of its words is linked. 0-4 has no neighbor, and source word 0 is linked.
TEST_CASE("symmetrization combines two directions by each method") {
  const Links forward = {{0, 0}, {1, 1}, {1, 2}, {0, 4}}, backward = {{0, 0}, {1, 1}, {3, 3}};
  CHECK(symmetrized("intersection", forward, backward) == Links{{0, 0}, {1, 1}});
  CHECK(symmetrized("union", forward, backward) == Links{{0, 0}, {0, 4}, {1, 1}, {1, 2}, {3, 3}});
  CHECK(symmetrized("grow-diag", forward, backward) == Links{{0, 0}, {1, 1}, {1, 2}});
  CHECK(symmetrized("grow-diag-final-and", forward, backward) ==
        Links{{0, 0}, {1, 1}, {1, 2}, {3, 3}});
}

TEST_CASE("grow-diag continues from added links, also diagonally, but joins no two linked words") {
  const Links forward = {{0, 0}, {1, 1}, {2, 2}, {0, 1}}, backward = {{0, 0}};
  CHECK(symmetrized("grow-diag", forward, backward) == Links{{0, 0}, {0, 1}, {1, 1}, {2, 2}});
  CHECK(symmetrized("grow-diag", {{0, 0}, {1, 1}, {0, 1}}, {{0, 0}, {1, 1}}) ==
        Links{{0, 0}, {1, 1}});
}

TEST_CASE("symmetrization of no links is empty, and one direction alone keeps its links") {
  for (const auto& method : attn::symmetrizations()) CHECK(method.value({}, {}).empty());
  CHECK(symmetrized("union", {{1, 0}}, {}) == Links{{1, 0}});
  CHECK(symmetrized("intersection", {{1, 0}}, {}).empty());
  CHECK(symmetrized("grow-diag-final-and", {{1, 0}, {0, 1}}, {}) == Links{{0, 1}, {1, 0}});
}
