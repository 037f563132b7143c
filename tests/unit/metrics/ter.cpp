#include "metrics/ter.h"

#include <doctest/doctest.h>

#include "support/sacrebleu.h"

namespace {

attn::TercomOptions ter_options_of(const std::string& signature) {
  const auto yes = [&](const char* key) { return sacrebleu::field(signature, key) == "yes"; };
  return {.case_sensitive = sacrebleu::field(signature, "case") == "mixed",
          .normalized = yes("norm"),
          .no_punctuation = !yes("punct"),
          .asian = yes("asian")};
}

double edits(const std::string& hypothesis, const std::string& reference,
             const attn::TercomOptions& options = {}) {
  return attn::line_statistics(attn::ter_metric(options), {hypothesis}, {{reference}}).at(0).at(0);
}

}  // namespace

TEST_CASE("TER scores and signatures equal those of sacreBLEU") {
  sacrebleu::check_scores("ter", 128, [](const std::string& signature) {
    return attn::ter_metric(ter_options_of(signature));
  });
}

// Expected values: by hand.
TEST_CASE("TER counts a shift of words as one edit") {
  CHECK(edits("a b c d", "a b c d") == 0);
  CHECK(edits("c d a b", "a b c d") == 1);
  CHECK(edits("", "a b c") == 3);
  CHECK(edits("a b c x", "a b c") == 1);
  // The example of Snover et al. (2006, section 3): "this week" is shifted, "american" is missing,
  // and "the saudis" for "saudi arabia" is two replacements.
  CHECK(edits("THIS WEEK THE SAUDIS denied information published in the new york times",
              "SAUDI ARABIA denied THIS WEEK information published in the AMERICAN new york "
              "times") == 4);
}

TEST_CASE("TER shifts at most ten words at once, by at most fifty positions") {
  std::string eleven, sixty;
  for (char c = 'a'; c < 'a' + 11; ++c) eleven += std::string(1, c) + " ";
  for (int i = 0; i < 60; ++i) sixty += std::to_string(i) + " ";
  CHECK(edits("y " + eleven + "z ", "y z " + eleven) == 1);  // z is shifted
  CHECK(edits("X " + sixty, sixty + "X") == 2);
  CHECK(edits("0 1 2 X 3 4", "X 0 1 2 3 4") == 1);
}

TEST_CASE("TER tokenizes as tercom does") {
  CHECK(edits("Dogs bark", "dogs bark") == 0);
  CHECK(edits("Dogs bark", "dogs bark", {.case_sensitive = true}) == 1);
  CHECK(edits("It's 3.5 , &lt;b", "it 's 3.5, < b", {.normalized = true}) == 0);
  CHECK(edits("so, (we) go.", "so we go", {.no_punctuation = true}) == 0);
  CHECK(edits("so - we", "so we", {.no_punctuation = true}) == 1);
  const std::string full = "\u6211\u7231\u3002", spaced = "\u6211 \u7231 \u3002";
  CHECK(edits(full, spaced, {.normalized = true}) == 3);
  CHECK(edits(full, spaced, {.normalized = true, .asian = true}) == 0);
  CHECK(edits(full, "\u6211\u7231", {.no_punctuation = true, .asian = true}) == 0);
  CHECK(edits("...", "a", {.no_punctuation = true}) == 1);
}

TEST_CASE("TER of a reference without words is 100 if there are edits, else 0") {
  const auto score = [](const std::string& hypothesis, const std::string& reference) {
    const auto metric = attn::ter_metric({.no_punctuation = true});
    return attn::text_score(metric, {hypothesis}, {{reference}});
  };
  CHECK(score("a b", "...") == 100);
  CHECK(score("!", "...") == 0);
}
