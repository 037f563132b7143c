#include "base/stopwatch.h"

#include <doctest/doctest.h>

namespace attn::test {

TEST_CASE("a stopwatch adds the seconds that were measured before") {
  const Stopwatch before;
  const Stopwatch stopwatch(1000);
  const double first = stopwatch.seconds(), second = stopwatch.seconds();
  CHECK(first >= 1000);
  CHECK(second >= first);
  CHECK(second <= 1000 + before.seconds());
}

}  // namespace attn::test
