#include "metrics/chrf.h"

#include <doctest/doctest.h>

#include "support/sacrebleu.h"

TEST_CASE("chrF and chrF++ scores and signatures equal those of sacreBLEU") {
  sacrebleu::check_scores("chrf", 128, [](const std::string& signature) {
    return attn::chrf_metric({.word_order = std::stoul(sacrebleu::field(signature, "nw")),
                              .lowercase = sacrebleu::field(signature, "case") == "lc"});
  });
}

// By hand: both sides have n-grams of orders 1 and 2. Of a, b, c the reference has a and b; of ab
// and bc it has ab. P = (2/3 + 1/2) / 2 = 7/12, R = 1; 5 P R / (4 P + R) = (35/12) / (40/12) =
// 0.875.
TEST_CASE("chrF ignores the orders for which one side has no n-grams") {
  CHECK(attn::text_score(attn::chrf_metric({}), {"a b\tc"}, {{"ab"}}) ==
        doctest::Approx(87.5).epsilon(1e-12));
}

// The statistics of an order are the n-grams of the hypothesis, of the reference, and matched.
TEST_CASE("chrF counts no n-grams of the hypothesis in orders that the reference lacks") {
  const auto statistics = attn::line_statistics(attn::chrf_metric({}), {"abc"}, {{"ab"}}).at(0);
  REQUIRE(statistics.size() == 6 * 3);
  CHECK(statistics[1 * 3] == 2);
  CHECK(statistics[2 * 3] == 0);
}

// By hand: a mark at the end takes precedence over one at the beginning: (a | ! | b | - | " | c.
// The reference, ( | a | ! | b | - | " | c, has all but the first of these words.
TEST_CASE("chrF++ splits one punctuation mark off each word") {
  const auto statistics =
      attn::line_statistics(attn::chrf_metric({2}), {"(a! b - \"c"}, {{"( a ! b - \" c"}}).at(0);
  CHECK(statistics[6 * 3] == 6);
  CHECK(statistics[6 * 3 + 1] == 7);
  CHECK(statistics[6 * 3 + 2] == 5);
}
