#include "eval/chrf.h"

#include <cmath>

#include <doctest/doctest.h>

#include "unit/sacrebleu.h"

TEST_CASE("chrF and chrF++ equal sacreBLEU's") {
  const auto scores = sacrebleu::scores("chrf");
  REQUIRE(scores.size() == 128);
  for (const auto& score : scores) {
    CAPTURE(score.name);
    CAPTURE(score.signature);
    const attn::ChrfOptions options = {std::stoi(sacrebleu::field(score.signature, "nw")),
                                       sacrebleu::field(score.signature, "case") == "lc"};
    const double got = attn::chrf(score.hypotheses, score.references, options);
    const double expected = score.expected.at("score");
    CAPTURE(got);
    CAPTURE(expected);
    CHECK(std::abs(got - expected) <= 1e-9);
    CHECK(attn::chrf_signature(options, score.references, "2.6.0") == score.signature);
  }
}

// By hand: orders 1 and 2 exist on both sides. Matched are a, b of "abc" and "ab"; ab of ab, bc and
// of ab. P = (2/3 + 1/2) / 2 = 7/12, R = 1; 5 P R / (4 P + R) = (35/12) / (40/12) = 0.875.
TEST_CASE("chrF leaves out the orders that one side lacks") {
  CHECK(attn::chrf({"a b\tc"}, {{"ab"}}, {}) == doctest::Approx(87.5).epsilon(1e-12));
}

TEST_CASE("chrF counts nothing of the hypothesis where the reference is too short") {
  const auto statistics = attn::chrf_statistics({"abc"}, {{"ab"}}, {});
  REQUIRE(statistics.at(0).orders.size() == 6);
  CHECK(statistics[0].orders[1].hypothesis == 2);
  CHECK(statistics[0].orders[2].hypothesis == 0);
}

// By hand: the last mark of a word goes before the first, and only one: (a | ! | b | - | " | c. Of
// these the reference, ( | a | ! | b | - | " | c, has all but the first.
TEST_CASE("chrF++ splits one mark off a word") {
  const auto statistics = attn::chrf_statistics({"(a! b - \"c"}, {{"( a ! b - \" c"}}, {2, false});
  const auto& words = statistics.at(0).orders.at(6);
  CHECK(words.hypothesis == 6);
  CHECK(words.reference == 7);
  CHECK(words.matched == 5);
}
