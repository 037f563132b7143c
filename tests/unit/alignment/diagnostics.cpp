#include "alignment/diagnostics.h"

#include <doctest/doctest.h>

namespace {

using attn::Alignment;

// "y x x" of "a b c": y looks at b, x twice at a, nothing at c.
Alignment loop() {
  return {{"a", "b", "c", "</s>"},
          {"y", "x", "x", "</s>"},
          {{0, 1, 0, 0}, {0.75, 0.25, 0, 0}, {0.5, 0, 0, 0.5}, {0, 0, 0.0625, 0.9375}}};
}

}  // namespace

TEST_CASE("what the weights of a sentence tell") {
  const auto d = attn::diagnose(loop());
  CHECK(d.fertility == std::vector<int>{2, 1, 0});
  CHECK(d.attention_mass == std::vector<double>{1.25, 1.25, 0.0625});
  CHECK(d.unseen == std::vector<int>{2});
  CHECK(d.repeated == std::vector<int>{2});
  CHECK(d.coverage() == doctest::Approx(2.0 / 3));
  CHECK(d.pairs == 2);
  CHECK(d.monotonicity() == doctest::Approx(0.5));  // b → a goes back, a → a does not
  // Bits of 1 0; 3/4 1/4; 1/2 1/2; 1/16 15/16.
  CHECK(d.entropy == doctest::Approx((0 + 0.8112781 + 1 + 0.3372901) / 4));
  const attn::Json json = attn::to_json(d, loop());
  CHECK(json.at("unseen") == attn::Json::array({"c"}));
  CHECK(json.at("repeated") == attn::Json::array({"x"}));
}

TEST_CASE("a text's parts are of all its words; of nothing nothing is missed") {
  Alignment good = {{"a", "</s>"}, {"x", "</s>"}, {{1, 0}, {0, 1}}};
  const std::vector<attn::Diagnostics> all = {attn::diagnose(loop()), attn::diagnose(good),
                                              attn::diagnose({{}, {}, {}, false, false})};
  const auto s = attn::summarize(all);
  CHECK(s.entropy == doctest::Approx(all[0].entropy / 2));
  CHECK(s.coverage == doctest::Approx(3.0 / 4));
  CHECK(s.fertility == doctest::Approx((2 + 1 + 0 + 1) / 4.0));
  CHECK(s.unseen == doctest::Approx(1.0 / 4));
  CHECK(s.repeated == doctest::Approx(1.0 / 4));
  CHECK(s.monotonicity == doctest::Approx(1.0 / 2));
  const auto none = attn::summarize({});
  CHECK(none.coverage == 1);
  CHECK(none.unseen == 0);
}

TEST_CASE("a separator of sentences is no word") {
  Alignment document = {{"a", "||", "b", "</s>"}, {"x", "</s>"}, {{1, 0, 0, 0}, {0, 0, 0.5, 0.5}}};
  document.sentences = {2, 4};
  const auto d = attn::diagnose(document);
  CHECK(d.fertility == std::vector<int>{1, 0});
  CHECK(d.unseen.empty());
}
