#include "alignment/diagnostics.h"

#include <doctest/doctest.h>

namespace {

using attn::Alignment;

// "a b c" → "y x x": y attends to b, x twice to a, and no word to c.
Alignment repetition() {
  return {{"a", "b", "c", "</s>"},
          {"y", "x", "x", "</s>"},
          {{0, 1, 0, 0}, {0.75, 0.25, 0, 0}, {0.5, 0, 0, 0.5}, {0, 0, 0.0625, 0.9375}}};
}

}  // namespace

TEST_CASE("diagnostics of a sentence follow their definitions") {
  const auto d = attn::diagnose(repetition());
  CHECK(d.fertility == std::vector<int>{2, 1, 0});
  CHECK(d.attention_mass == std::vector<double>{1.25, 1.25, 0.0625});
  CHECK(d.unattended == std::vector<int>{2});
  CHECK(d.repeated == std::vector<int>{2});
  CHECK(d.aligned_fraction() == doctest::Approx(2.0 / 3));
  CHECK(d.pairs == 2);
  CHECK(d.monotonicity() == doctest::Approx(0.5));  // b → a is backward, a → a is not
  // Entropies of (1, 0), (3/4, 1/4), (1/2, 1/2), (1/16, 15/16) in bits.
  CHECK(d.entropy == doctest::Approx((0 + 0.8112781 + 1 + 0.3372901) / 4));
  const attn::Json json = attn::to_json(d, repetition());
  CHECK(json.at("unattended") == attn::Json::array({"c"}));
  CHECK(json.at("repeated") == attn::Json::array({"x"}));
}

TEST_CASE("the diagnostics of a text are fractions of all its words, and defined without words") {
  Alignment good = {{"a", "</s>"}, {"x", "</s>"}, {{1, 0}, {0, 1}}};
  const std::vector<attn::Diagnostics> all = {attn::diagnose(repetition()), attn::diagnose(good),
                                              attn::diagnose({{}, {}, {}, false, false})};
  const auto s = attn::summarize(all);
  CHECK(s.entropy == doctest::Approx(all[0].entropy / 2));
  CHECK(s.aligned_fraction == doctest::Approx(3.0 / 4));
  CHECK(s.fertility == doctest::Approx((2 + 1 + 0 + 1) / 4.0));
  CHECK(s.unattended == doctest::Approx(1.0 / 4));
  CHECK(s.repeated == doctest::Approx(1.0 / 4));
  CHECK(s.monotonicity == doctest::Approx(1.0 / 2));
  const auto none = attn::summarize({});
  CHECK(none.aligned_fraction == 1);
  CHECK(none.unattended == 0);
}

TEST_CASE("diagnostics do not count the separator of segments as a word") {
  Alignment document = {{"a", "||", "b", "</s>"}, {"x", "</s>"}, {{1, 0, 0, 0}, {0, 0, 0.5, 0.5}}};
  document.segment_ends = {2, 4};
  const auto d = attn::diagnose(document);
  CHECK(d.fertility == std::vector<int>{1, 0});
  CHECK(d.unattended.empty());
}
