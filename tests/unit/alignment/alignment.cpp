#include "alignment/alignment.h"

#include <doctest/doctest.h>

#include "base/error.h"

using attn::Alignment, attn::Link, attn::PieceMap;

namespace {

// "the house s </s>" → "les mai sons </s>" in subwords. The weights are exact in binary.
Alignment pieces() {
  return {{"▁the", "▁house", "s", "</s>"},
          {"▁les", "▁mai", "sons", "</s>"},
          {{0.5, 0.125, 0.25, 0.125},
           {0.25, 0.25, 0.5, 0.0},
           {0.0, 0.75, 0.125, 0.125},
           {0.0, 0.0, 0.0, 1.0}}};
}
const PieceMap kSource = {{"the", "houses"}, {{0}, {1}, {1}}};
const PieceMap kTarget = {{"les", "maisons"}, {{0}, {1}, {1}}};

}  // namespace

TEST_CASE("weights are summed over source subwords and averaged over target subwords") {
  const Alignment words = attn::to_words(pieces(), kSource, kTarget);
  CHECK(words.source == std::vector<std::string>{"the", "houses", "</s>"});
  CHECK(words.target == std::vector<std::string>{"les", "maisons", "</s>"});
  CHECK(words.weights == std::vector<std::vector<double>>{
                             {0.5, 0.375, 0.125}, {0.125, 0.8125, 0.0625}, {0.0, 0.0, 1.0}});
}

TEST_CASE("a truncated translation has no end of sentence, but its source has one") {
  Alignment truncated = pieces();
  truncated.target.pop_back();
  truncated.weights.pop_back();
  truncated.target_end = false;
  const Alignment words = attn::to_words(truncated, kSource, kTarget);
  CHECK(words.target == std::vector<std::string>{"les", "maisons"});
  CHECK(words.source.back() == "</s>");
  CHECK(words.weights ==
        std::vector<std::vector<double>>{{0.5, 0.375, 0.125}, {0.125, 0.8125, 0.0625}});
  CHECK(attn::hard_links(words) == std::vector<Link>{{0, 0}, {1, 1}});
}

TEST_CASE("a word without subwords gets zeros and no link") {
  const PieceMap target = {{"les", "\u200b", "maisons"}, {{0}, {2}, {2}}};
  const Alignment words = attn::to_words(pieces(), kSource, target);
  CHECK(words.weights[1] == std::vector<double>{0.0, 0.0, 0.0});
  CHECK(words.weights[2] == std::vector<double>{0.125, 0.8125, 0.0625});
  CHECK(attn::hard_links(words) == std::vector<Link>{{0, 0}, {1, 2}});
}

TEST_CASE("subwords that belong to no word are dropped") {
  const Alignment words = attn::to_words(pieces(), kSource, {{}, {{}, {}, {}}});
  CHECK(words.target == std::vector<std::string>{"</s>"});
  CHECK(words.weights == std::vector<std::vector<double>>{{0.0, 0.0, 1.0}});
}

TEST_CASE(
    "a source subword of several words divides its weight, a target subword repeats its row") {
  const Alignment joined = {{"x y", "</s>"}, {"u v", "w"}, {{0.5, 0.5}, {0.25, 0.75}}, true, false};
  const Alignment words =
      attn::to_words(joined, {{"x", "y"}, {{0, 1}}}, {{"u", "v", "w"}, {{0, 1}, {2}}});
  CHECK(words.weights == std::vector<std::vector<double>>{
                             {0.25, 0.25, 0.5}, {0.25, 0.25, 0.5}, {0.125, 0.125, 0.75}});
}

TEST_CASE("a map that does not fit its subwords, or weights that do not fit, are a bug") {
  CHECK_THROWS_AS(attn::to_words(pieces(), {{"the", "houses"}, {{0}, {1}}}, kTarget), attn::Bug);
  CHECK_THROWS_AS(attn::to_words(pieces(), kSource, {{"les", "maisons"}, {{0}, {1}, {2}}}),
                  attn::Bug);
  CHECK_THROWS_AS(attn::to_words(pieces(), kSource, {{"les", "maisons"}, {{0}, {1}, {-1}}}),
                  attn::Bug);
  CHECK_THROWS_AS(attn::hard_links({{"a", "</s>"}, {"b", "</s>"}, {{1, 0}}}), attn::Bug);
  CHECK_THROWS_AS(attn::hard_links({{"a", "</s>"}, {"b"}, {{1}}, true, false}), attn::Bug);
}

TEST_CASE(
    "each target word links to the source word of largest weight, not to the end of sentence") {
  const Alignment words = {{"a", "b", "c", "</s>"},
                           {"x", "y", "z", "</s>"},
                           {{0.1, 0.2, 0.0, 0.7},       // the end is largest: the second largest
                            {0.375, 0.25, 0.375, 0.0},  // a tie: the first word
                            {0.0, 0.0, 0.0, 1.0},       // all weight on the end: no link
                            {0.9, 0.0, 0.0, 0.1}}};     // the end of the target: no link
  CHECK(attn::hard_links(words) == std::vector<Link>{{1, 0}, {0, 1}});
}

TEST_CASE("in an alignment without an end of sentence, a last \"</s>\" is a word") {
  const Alignment words = {{"a", "</s>"}, {"</s>"}, {{0.25, 0.75}}, false, false};
  CHECK(attn::hard_links(words) == std::vector<Link>{{1, 0}});
}

TEST_CASE("an empty sentence has no links") {
  CHECK(attn::hard_links({{"</s>"}, {"</s>"}, {{1.0}}}).empty());
  CHECK(attn::hard_links({{"</s>"}, {"x", "</s>"}, {{1.0}, {1.0}}}).empty());
}

TEST_CASE("the JSON line of an alignment has tokens, weights, links and end_of_sentence") {
  const Alignment words = {{"a\"b", "</s>"}, {"é\n", "</s>"}, {{2.0 / 3, 1.0 / 3}, {0.0, 1.0}}};
  const std::string line = attn::to_json_line(words, {{0, 0}});
  CHECK(line.find('\n') == std::string::npos);
  CHECK(
      line ==
      R"({"source":["a\"b","</s>"],"target":["é\n","</s>"],)"
      R"("weights":[[0.666667,0.333333],[0.0,1.0]],"links":[[0,0]],"end_of_sentence":{"source":true,"target":true}})");
}

TEST_CASE("the JSON line of an alignment may lack ends of sentence and all tokens") {
  CHECK(
      attn::to_json_line({{"a"}, {"b"}, {{1.0}}, false, false}, {}) ==
      R"({"source":["a"],"target":["b"],"weights":[[1.0]],"links":[],"end_of_sentence":{"source":false,"target":false}})");
  CHECK(
      attn::to_json_line({{}, {}, {}, false, false}, {}) ==
      R"({"source":[],"target":[],"weights":[],"links":[],"end_of_sentence":{"source":false,"target":false}})");
}

TEST_CASE("mean_entropy is the mean entropy of the normalized rows in bits") {
  CHECK(attn::mean_entropy({{1, 0, 0, 0}}) == 0);
  CHECK(attn::mean_entropy({{0.25, 0.25, 0.25, 0.25}}) == doctest::Approx(2));
  CHECK(attn::mean_entropy({{0, 1}, {0.5, 0.5}}) == doctest::Approx(0.5));
  CHECK(attn::mean_entropy({{0.25, 0, 0.25}, {0, 0.125, 0}}) == doctest::Approx(0.5));
  CHECK(attn::mean_entropy({{0, 0}}) == 0);
  CHECK(attn::mean_entropy({}) == 0);
}

namespace {

// "a || b c" in subwords: the second one is the separator; "c" consists of two.
Alignment document() {
  Alignment out = {{"a", "||", "b", "c", "c", "</s>"},
                   {"x", "</s>"},
                   {{0.125, 0.5, 0.0625, 0.0625, 0.0625, 0.1875}, {0, 0, 0.25, 0.25, 0.25, 0.25}}};
  out.segment_ends = {2, 6};
  return out;
}
const PieceMap kDocument = {{"a", "||", "||", "b", "c"}, {{0}, {1}, {3}, {4}, {4}}};

}  // namespace

TEST_CASE("the alignment of a document has segments and their weights") {
  const Alignment words = attn::to_words(document(), kDocument, {{"x"}, {{0}}});
  CHECK(words.segment_ends == std::vector<int>{2, 6});
  const std::vector<std::vector<double>> expected = {{0.625, 0.375}, {0, 1}};
  CHECK(attn::segment_weights(words) == expected);
  CHECK(attn::segment_weights(document()) == expected);
  CHECK(attn::hard_links(words) == std::vector<Link>{{0, 0}});  // the separator is not a word
  const attn::Json json = attn::to_json(words, {});
  CHECK(json.at("segments") == attn::Json::parse("[[0, 2], [2, 6]]"));
  CHECK(json.at("segment_weights") == attn::Json::parse("[[0.625, 0.375], [0, 1]]"));
}

TEST_CASE("a document of one segment has all weight on it, and a plain sentence has no segments") {
  Alignment one = pieces();
  CHECK_FALSE(attn::to_json(one, {}).contains("segments"));
  one.segment_ends = {4};
  const Alignment words = attn::to_words(one, kSource, kTarget);
  CHECK(attn::segment_weights(words) == std::vector<std::vector<double>>{{1}, {1}, {1}});
  CHECK(attn::to_json(words, {}).at("segments") == attn::Json::parse("[[0, 3]]"));
  one.segment_ends = {3};
  CHECK_THROWS_AS(attn::check(one), attn::Bug);
}
