#include "metrics/chrf.h"

#include <cmath>

#include <doctest/doctest.h>

#include "support/sacrebleu.h"

TEST_CASE("chrF and chrF++ equal sacreBLEU's") {
  const auto scores = sacrebleu::scores("chrf");
  REQUIRE(scores.size() == 128);
  for (const auto& score : scores) {
    CAPTURE(score.name);
    CAPTURE(score.signature);
    const attn::ChrfOptions options = {std::stoi(sacrebleu::field(score.signature, "nw")),
                                       sacrebleu::field(score.signature, "case") == "lc"};
    const auto metric = attn::chrf_metric(options);
    const double got = attn::text_score(metric, score.hypotheses, score.references);
    const double expected = score.expected.at("score");
    CAPTURE(got);
    CAPTURE(expected);
    CHECK(std::abs(got - expected) <= 1e-9);
    CHECK(attn::signature(metric, score.references, "", "2.6.0") == score.signature);
  }
}

// By hand: orders 1 and 2 exist on both sides. Matched are a, b of "abc" and "ab"; ab of ab, bc and
// of ab. P = (2/3 + 1/2) / 2 = 7/12, R = 1; 5 P R / (4 P + R) = (35/12) / (40/12) = 0.875.
TEST_CASE("chrF leaves out the orders that one side lacks") {
  CHECK(attn::text_score(attn::chrf_metric({}), {"a b\tc"}, {{"ab"}}) ==
        doctest::Approx(87.5).epsilon(1e-12));
}

// The numbers of an order: n-grams of the hypothesis, of the reference, matched.
TEST_CASE("chrF counts nothing of the hypothesis where the reference is too short") {
  const auto statistics = attn::line_statistics(attn::chrf_metric({}), {"abc"}, {{"ab"}}).at(0);
  REQUIRE(statistics.size() == 6 * 3);
  CHECK(statistics[1 * 3] == 2);
  CHECK(statistics[2 * 3] == 0);
}

// By hand: the last mark of a word goes before the first, and only one: (a | ! | b | - | " | c. Of
// these the reference, ( | a | ! | b | - | " | c, has all but the first.
TEST_CASE("chrF++ splits one mark off a word") {
  const auto statistics =
      attn::line_statistics(attn::chrf_metric({2}), {"(a! b - \"c"}, {{"( a ! b - \" c"}}).at(0);
  CHECK(statistics[6 * 3] == 6);
  CHECK(statistics[6 * 3 + 1] == 7);
  CHECK(statistics[6 * 3 + 2] == 5);
}
