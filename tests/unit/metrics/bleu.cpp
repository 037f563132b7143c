#include "metrics/bleu.h"

#include <cmath>

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/sacrebleu.h"

namespace {

attn::BleuOptions options_of(const std::string& signature) {
  return {sacrebleu::field(signature, "tok"), sacrebleu::field(signature, "case") == "lc"};
}

void check_near(double got, double expected) {
  CAPTURE(got);
  CAPTURE(expected);
  CHECK(std::abs(got - expected) <= 1e-9);
}

void check_statistics(const attn::BleuScore& got, const nlohmann::json& expected) {
  CHECK(got.hypothesis_length == expected.at("sys_len"));
  CHECK(got.reference_length == expected.at("ref_len"));
  for (std::size_t n = 0; n < attn::kBleuOrder; ++n) {
    CAPTURE(n);
    CHECK(got.counts[n] == expected.at("counts")[n]);
    CHECK(got.totals[n] == expected.at("totals")[n]);
  }
}

}  // namespace

TEST_CASE("BLEU equals sacreBLEU's") {
  const auto scores = sacrebleu::scores("bleu");
  REQUIRE(scores.size() == 224);
  for (const auto& score : scores) {
    CAPTURE(score.name);
    CAPTURE(score.signature);
    const auto options = options_of(score.signature);
    const auto got = attn::bleu(score.hypotheses, score.references, options);
    check_near(got.score, score.expected.at("score"));
    check_near(got.brevity_penalty, score.expected.at("brevity_penalty"));
    for (std::size_t n = 0; n < attn::kBleuOrder; ++n)
      check_near(got.precisions[n], score.expected.at("precisions")[n]);
    check_statistics(got, score.expected);
    CHECK(attn::signature(attn::bleu_metric(options), score.references, "", "2.6.0") ==
          score.signature);
  }
}

TEST_CASE("BLEU's statistics of a line are those of the line alone") {
  const auto scores = sacrebleu::scores("bleu");
  int lines = 0;
  for (const auto& all : scores) {
    if (all.name != "all-pairs") continue;
    const auto got = attn::line_statistics(attn::bleu_metric(options_of(all.signature)),
                                           all.hypotheses, all.references);
    for (const auto& single : scores) {
      if (!single.name.starts_with("single-") || single.signature != all.signature) continue;
      CAPTURE(single.name);
      check_statistics(attn::bleu_score(got.at(std::stoul(single.name.substr(7)))),
                       single.expected);
      ++lines;
    }
  }
  CHECK(lines == 28 * 7);
}

TEST_CASE("BLEU takes the reference nearest in length, of two the shorter") {
  const attn::BleuOptions options;
  const auto length = [&](const attn::References& references) {
    return attn::bleu({"a b c d"}, references, options).reference_length;
  };
  CHECK(length({{"a b"}, {"a b c d e"}}) == 5);
  CHECK(length({{"a b c d e"}, {"a b c"}}) == 3);
  CHECK(length({{"a b c"}, {"a b c d e"}}) == 3);
}

TEST_CASE("an empty reference is a reference fewer") {
  const attn::References references = {{"a b c d e", "f g h i"}, {"", "f g h i j"}};
  const auto lines = attn::line_statistics(attn::bleu_metric({}), {"a b", "f g h i j"}, references);
  CHECK(attn::bleu_score(lines[0]).reference_length == 5);
  CHECK(attn::bleu_score(lines[1]).counts[0] == 5);
  CHECK(attn::references_per_line(references) == "var");
  CHECK(attn::references_per_line({{"a"}, {""}}) == "1");
}

TEST_CASE("lines that can't be scored are errors that say why") {
  CHECK_THROWS_WITH_AS(
      attn::bleu({"a", "b"}, {{"a", "b"}, {"a"}}, {}),
      "reference 2 has 1 lines, the translation has 2: give files whose lines belong together",
      attn::Error);
  CHECK_THROWS_WITH_AS(attn::bleu({"a", "b"}, {{"a", ""}}, {}),
                       "line 2 of the reference is empty: no score is defined for it; take the "
                       "line out of all files",
                       attn::Error);
  CHECK_THROWS_AS(attn::bleu({}, {{}}, {}), attn::Error);
  CHECK_THROWS_AS(attn::bleu({"a"}, {}, {}), attn::Error);
}
