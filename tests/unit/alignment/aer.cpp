#include "alignment/aer.h"

#include <doctest/doctest.h>

#include "base/error.h"

namespace {

attn::GoldLinks parse(const std::string& line) {
  return attn::parse_links(line, 0, "gold.align", 1);
}

}  // namespace

// S = {0-0, 1-1}, P = S + {1-2}. A = {0-0, 1-2, 2-2}: A∩S = {0-0}, A∩P = {0-0, 1-2}. AER = 1 − (1 +
// 2) / (3 + 2) = 2/5, precision 2/3, recall 1/2.
TEST_CASE("alignment error rate, precision and recall of a sentence follow their definitions") {
  const auto rate = attn::alignment_error_rate({{{2, 2}, {0, 0}, {1, 2}}}, {parse("0-0 1-1 1?2")});
  CHECK(rate.value == doctest::Approx(0.4));
  CHECK(rate.precision == doctest::Approx(2.0 / 3));
  CHECK(rate.recall == doctest::Approx(0.5));
}

// The second sentence has S = P = {0-0} and A = {0-0, 0-1} (0-0 is given twice): A∩S = A∩P = {0-0}.
// For both sentences AER = 1 − (2 + 3) / (5 + 3) = 3/8, precision 3/5, recall 2/3; the mean of the
// two AERs would be 11/30.
TEST_CASE("alignment error rate of a text is computed from summed counts") {
  const auto rate = attn::alignment_error_rate({{{2, 2}, {0, 0}, {1, 2}}, {{0, 0}, {0, 1}, {0, 0}}},
                                               {parse("0-0 1-1 1?2"), parse("0-0")});
  CHECK(rate.value == doctest::Approx(0.375));
  CHECK(rate.precision == doctest::Approx(0.6));
  CHECK(rate.recall == doctest::Approx(2.0 / 3));
}

TEST_CASE("alignment error rate is defined for perfect, missing and empty alignments") {
  const auto perfect = attn::alignment_error_rate({{{0, 0}, {1, 1}}}, {parse("0-0 1?1")});
  CHECK(perfect.value == 0);
  const auto none = attn::alignment_error_rate({{}}, {parse("0-0 1-1")});
  CHECK(none.value == 1);
  CHECK(none.precision == 1);
  CHECK(none.recall == 0);
  const auto nothing = attn::alignment_error_rate({{}}, {parse("")});
  CHECK(nothing.value == 0);
  CHECK_THROWS_AS(attn::alignment_error_rate({{}}, {}), attn::Bug);
}
