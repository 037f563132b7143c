#include "metrics/bootstrap.h"

#include <cmath>

#include <doctest/doctest.h>

#include "metrics/numpy_random.h"
#include "support/sacrebleu.h"

namespace {

const sacrebleu::Score& text_named(const std::string& name) {
  static const auto scores = sacrebleu::scores("bleu");
  for (const auto& score : scores)
    if (score.name == name) return score;
  FAIL("no text " << name);
  return scores.front();
}

struct System {
  System(const std::string& metric_name, const std::string& text_name)
      : metric(attn::metrics().at(metric_name)({})),
        lines(attn::line_statistics(metric, text_named(text_name).hypotheses,
                                    text_named(text_name).references)),
        score(metric.score(attn::sum(lines))),
        resampled(attn::resampled_scores(metric, lines, {})) {}

  attn::Metric metric;
  std::vector<attn::Statistics> lines;
  double score;
  std::vector<double> resampled;
};

// The tolerance is large because sacreBLEU sums in single precision.
void check_interval_near(double actual, double expected) {
  CAPTURE(actual);
  CAPTURE(expected);
  CHECK(std::abs(actual - expected) <= 1e-4);
}

}  // namespace

// Expected values: numpy.random.default_rng(seed).choice(n, 8).
TEST_CASE("NumpyRandom returns the random numbers of numpy") {
  const auto samples = [](std::uint64_t seed, std::uint32_t n) {
    attn::NumpyRandom random(seed);
    std::vector<std::uint32_t> out;
    for (int i = 0; i < 8; ++i) out.push_back(random.below(n));
    return out;
  };
  using Numbers = std::vector<std::uint32_t>;
  CHECK(samples(12345, 60) == Numbers{41, 13, 47, 19, 12, 47, 38, 40});
  CHECK(samples(0, 1000) == Numbers{850, 636, 511, 269, 307, 40, 75, 16});
  CHECK(samples(1099511627783ULL, 3000000000U) == Numbers{2489438675U, 1828512392, 765915474,
                                                          51031264, 461372147, 1514132298,
                                                          2655564380U, 2216522156U});
}

TEST_CASE("confidence intervals equal those of sacreBLEU") {
  const auto expected = sacrebleu::all().at("bootstrap_of_grammar_A");
  for (const char* name : {"bleu", "chrf", "ter"}) {
    CAPTURE(name);
    const System system(name, "grammar-A");
    const auto interval = attn::interval(system.resampled);
    CHECK(std::abs(system.score - expected.at(name).at("score").get<double>()) <= 1e-9);
    check_interval_near(interval.mean, expected.at(name).at("mean"));
    check_interval_near(interval.half_width, expected.at(name).at("ci95_half_width"));
  }
}

TEST_CASE("p-values of the paired bootstrap equal those of sacreBLEU") {
  const auto expected = sacrebleu::all().at("paired_bootstrap_A_versus_B");
  for (const auto& names : {std::pair("bleu", "BLEU"), std::pair("chrf", "chrF2")}) {
    const auto [name, label] = names;
    CAPTURE(names.first);
    const auto& b_expected = expected.at(label).at(1);
    const System a(name, "grammar-A"), b(name, "grammar-B");
    const auto interval = attn::interval(b.resampled);
    CHECK(std::abs(b.score - b_expected.at("score").get<double>()) <= 1e-9);
    check_interval_near(interval.mean, b_expected.at("mean"));
    check_interval_near(interval.half_width, b_expected.at("ci"));
    check_interval_near(attn::p_value(b.score - a.score, a.resampled, b.resampled),
                        b_expected.at("p_value"));
  }
}

// By hand: the mean of the differences 1, 2, 3, 6 is 3. After it is subtracted, one difference is
// greater than 2 (and than |−2|).
TEST_CASE("a p-value counts the centered differences that are larger than the observed one") {
  const std::vector<double> baseline = {5, 5, 5, 5}, system = {6, 3, 8, 11};
  CHECK(attn::p_value(2, baseline, system) == doctest::Approx(2. / 5));
  CHECK(attn::p_value(-2, baseline, system) == doctest::Approx(2. / 5));
  CHECK(attn::p_value(3, baseline, system) == doctest::Approx(1. / 5));
}

// By hand: of 80 scores, two are excluded at either end.
TEST_CASE("a confidence interval excludes 2.5% of the scores at either end") {
  std::vector<double> scores;
  for (int i = 0; i < 80; ++i) scores.push_back((i * 37) % 80);
  const auto interval = attn::interval(scores);
  CHECK(interval.mean == doctest::Approx(39.5));
  CHECK(interval.half_width == doctest::Approx((77. - 2) / 2));
}

TEST_CASE("the p-value of a system against itself is the smallest possible one, as in sacreBLEU") {
  const System a("ter", "grammar-A");
  CHECK(attn::p_value(0, a.resampled, a.resampled) == doctest::Approx(1. / 1001));
}

TEST_CASE("a signature contains the number of resamples and the seed") {
  const auto& all = text_named("grammar-A");
  CHECK(attn::signature(attn::metrics().at("bleu")({}), all.references, attn::signature_fields({}),
                        "2.6.0") ==
        "nrefs:1|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0");
}
