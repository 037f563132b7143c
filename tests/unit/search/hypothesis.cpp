#include "search/hypothesis.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {

// Wu et al. 2016, eq. 14: lp = ((5 + 7) / 6)^0.5 = √2; cp = 0.25 (ln 0.5 + ln 1).
TEST_CASE("a score is divided by the length penalty and lowered by the coverage penalty") {
  using Penalty = LengthPenalty;
  const std::vector<Real> attention_mass = {Real(0.5), Real(1.25)};
  CHECK(ScoringFunction{0.5, Penalty::power, 0}.score(-6, 4, attention_mass) ==
        doctest::Approx(-3));
  CHECK(ScoringFunction{0.5, Penalty::wu, 0}.score(-6, 7, attention_mass) ==
        doctest::Approx(-6 / std::sqrt(2.0)));
  CHECK(ScoringFunction{0, Penalty::wu, 0.25}.score(-6, 7, attention_mass) ==
        doctest::Approx(-6 - 0.25 * std::log(2.0)));
  const std::vector<Real> no_attention = {Real(0)};
  CHECK(ScoringFunction{0, Penalty::power, 1}.score(0, 1, no_attention) ==
        doctest::Approx(std::log(kMinAttentionMass)));
}

}  // namespace attn::test
