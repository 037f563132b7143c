#include "metrics/bleu.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/approx.h"
#include "support/sacrebleu.h"

namespace {

attn::BleuOptions bleu_options_of(const std::string& signature) {
  return {sacrebleu::field(signature, "tok"), sacrebleu::field(signature, "case") == "lc"};
}

void check_statistics(const attn::BleuScore& actual, const nlohmann::json& expected) {
  CHECK(actual.hypothesis_length == expected.at("sys_len"));
  CHECK(actual.reference_length == expected.at("ref_len"));
  for (std::size_t n = 0; n < attn::kBleuOrder; ++n) {
    CAPTURE(n);
    CHECK(actual.counts[n] == expected.at("counts")[n]);
    CHECK(actual.totals[n] == expected.at("totals")[n]);
  }
}

}  // namespace

TEST_CASE("BLEU scores, components and signatures equal those of sacreBLEU") {
  const auto scores = sacrebleu::scores("bleu");
  REQUIRE(scores.size() == 224);
  for (const auto& score : scores) {
    CAPTURE(score.name);
    CAPTURE(score.signature);
    const auto options = bleu_options_of(score.signature);
    const auto actual = attn::bleu(score.hypotheses, score.references, options);
    const attn::test::Tolerance tolerance = {.absolute = 1e-9};
    attn::test::check_number("score", actual.score, score.expected.at("score"), tolerance);
    attn::test::check_number("brevity penalty", actual.brevity_penalty,
                             score.expected.at("brevity_penalty"), tolerance);
    attn::test::check_close("precisions", actual.precisions,
                            score.expected.at("precisions").get<std::vector<double>>(), tolerance);
    check_statistics(actual, score.expected);
    CHECK(attn::signature(attn::bleu_metric(options), score.references, "", "2.6.0") ==
          score.signature);
  }
}

TEST_CASE("BLEU statistics of a line do not depend on other lines") {
  const auto scores = sacrebleu::scores("bleu");
  int lines = 0;
  for (const auto& all : scores) {
    if (all.name != "all-pairs") continue;
    const auto statistics = attn::line_statistics(attn::bleu_metric(bleu_options_of(all.signature)),
                                                  all.hypotheses, all.references);
    for (const auto& single : scores) {
      if (!single.name.starts_with("single-") || single.signature != all.signature) continue;
      CAPTURE(single.name);
      check_statistics(attn::bleu_score(statistics.at(std::stoul(single.name.substr(7)))),
                       single.expected);
      ++lines;
    }
  }
  CHECK(lines == 28 * 7);
}

TEST_CASE("BLEU uses the reference nearest in length, and the shorter one of two equally near") {
  const attn::BleuOptions options;
  const auto length = [&](const attn::References& references) {
    return attn::bleu({"a b c d"}, references, options).reference_length;
  };
  CHECK(length({{"a b"}, {"a b c d e"}}) == 5);
  CHECK(length({{"a b c d e"}, {"a b c"}}) == 3);
  CHECK(length({{"a b c"}, {"a b c d e"}}) == 3);
}

TEST_CASE("BLEU ignores an empty reference of a line that has another one") {
  const attn::References references = {{"a b c d e", "f g h i"}, {"", "f g h i j"}};
  const auto lines = attn::line_statistics(attn::bleu_metric({}), {"a b", "f g h i j"}, references);
  CHECK(attn::bleu_score(lines[0]).reference_length == 5);
  CHECK(attn::bleu_score(lines[1]).counts[0] == 5);
  CHECK(attn::references_per_line(references) == "var");
  CHECK(attn::references_per_line({{"a"}, {""}}) == "1");
}

TEST_CASE("missing and empty references are errors with a reason") {
  CHECK_THROWS_WITH_AS(
      attn::bleu({"a", "b"}, {{"a", "b"}, {"a"}}, {}),
      "reference 2 has 1 lines, but the translation has 2; use files that correspond line by line",
      attn::Error);
  CHECK_THROWS_WITH_AS(attn::bleu({"a", "b"}, {{"a", ""}}, {}),
                       "line 2 of the reference is empty, so it cannot be scored; remove the line "
                       "from all files",
                       attn::Error);
  CHECK_THROWS_AS(attn::bleu({}, {{}}, {}), attn::Error);
  CHECK_THROWS_AS(attn::bleu({"a"}, {}, {}), attn::Error);
}
