// Joining the translations of segments. The translations are synthetic, so every number is known.
#include "search/segments.h"

#include <doctest/doctest.h>

#include "support/approx.h"

namespace {

using attn::Index;
using attn::Mat;
using attn::SegmentedText;
using attn::Segmenter;
using attn::Tokenizer;
using attn::TranslatedLine;
using attn::Translation;
using Strings = std::vector<std::string>;

const Tokenizer& known_words() {
  static const Tokenizer tokenizer =
      Tokenizer::from_words({"a", "b", "c", "d", "e", "f", ".", "は。", "い。"});
  return tokenizer;
}

enum class SegmentEnd { finished, truncated };

// Returns a synthetic translation: as many pieces as words. Step j of the attention has the weights
// first + j × 0.01 on the end of the source and the rest on its first piece.
Translation synthetic(const std::string& text, double log_prob, std::size_t source_pieces,
                      double first = 0.25, SegmentEnd end = SegmentEnd::finished) {
  Translation t;
  t.text = text;
  t.log_prob = log_prob;
  t.score = log_prob / 2;
  t.target = known_words().encode_with_offsets(text);
  const std::size_t steps = t.target.size() + (end == SegmentEnd::finished ? 1 : 0);
  for (std::size_t j = 0; j < steps; ++j) t.log_probs.push_back(log_prob / 10 - double(j));
  Mat attention = Mat::Zero(Index(source_pieces) + 1, Index(steps));
  for (Index j = 0; j < attention.cols(); ++j) {
    const auto weight = static_cast<attn::Real>(first + 0.01 * double(j));
    attention(Index(source_pieces), j) = weight;
    attention(0, j) = 1 - weight;
  }
  t.attention = {attention, attention};
  return t;
}

// Divides lines without a limit, gives segment k the translations of lists[k], and joins them.
std::vector<TranslatedLine> join_lists(const Strings& lines,
                                       const std::vector<std::vector<Translation>>& lists) {
  SegmentedText text({lines}, Segmenter(known_words(), 100, ""));
  auto segments = text.take_tokenized();
  REQUIRE(segments.size() == lists.size());
  for (std::size_t k = 0; k < lists.size(); ++k) segments[k].translations = lists[k];
  return text.join(std::move(segments));
}

Strings piece_texts(const std::string& text, const std::vector<Tokenizer::Piece>& pieces) {
  Strings out;
  for (const auto& piece : pieces) out.push_back(text.substr(piece.begin, piece.end - piece.begin));
  return out;
}

}  // namespace

TEST_CASE("a line of one segment keeps its translation, text and number") {
  const Strings lines = {"  a b . ", "", "c . d ."};
  const std::vector<std::uint64_t> numbers = {7, 8, 9};
  SegmentedText text({lines, {}, numbers}, Segmenter(known_words(), 100, ""));
  const attn::Text segments = text.text();
  REQUIRE(segments.lines.size() == 4);
  CHECK(segments.lines[0] == lines[0]);
  CHECK(segments.lines[1].empty());
  CHECK(segments.lines[2] == "c .");
  CHECK(segments.numbers[0] == 7);
  CHECK(segments.numbers[1] == 8);
  CHECK(segments.numbers[2] == 9);
  CHECK(segments.numbers[3] == 9 + (std::uint64_t{1} << 48U));

  auto found = text.take_tokenized();
  found[0].translations = {synthetic("d e", -3, 3)};
  found[1].translations.resize(1);
  found[2].translations = found[3].translations = {synthetic("f", -1, 2)};
  const auto out = text.join(std::move(found));
  REQUIRE(out.size() == 3);
  CHECK(out[0].translations[0].attention.size() == 2);
  CHECK(out[0].segment_sizes.empty());
  CHECK(out[0].cuts == 0);
  CHECK(piece_texts(lines[0], out[0].source).back() == " .");
  CHECK(out[1].source.empty());
  CHECK(out[1].translations.at(0).text.empty());
  CHECK(out[2].translations[0].text == "f f");
}

TEST_CASE("the byte ranges of joined pieces refer to the line and to the joined text") {
  const std::string line = " a b .  c d . e .";
  const auto out =
      join_lists({line},
                 {{synthetic("d e .", -4, 3)}, {synthetic("f", -2, 3)}, {synthetic("a b", -1, 2)}})
          .at(0);
  CHECK(piece_texts(line, out.source) == Strings{"a", " b", " .", "  c", " d", " .", " e", " ."});
  CHECK(out.segment_sizes == std::vector<std::size_t>{3, 3, 2});
  const Translation& t = out.translations.at(0);
  CHECK(t.text == "d e . f a b");
  CHECK(piece_texts(t.text, t.target) == Strings{"d", " e", " .", " f", " a", " b"});
  CHECK(t.log_prob == doctest::Approx(-7));
  CHECK(t.score == doctest::Approx(-3.5));
  // The pieces' own, then the ends of the segments: -0.4 - 3, -0.2 - 1 and -0.1 - 2.
  const std::vector<double> expected = {-0.4, -1.4, -2.4, -0.2, -0.1, -1.1, -6.7};
  REQUIRE(t.log_probs.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(t.log_probs[i] == doctest::Approx(expected[i]));
}

TEST_CASE("joined attention is block-diagonal, and its columns sum to 1") {
  const auto out =
      join_lists({"a b . c d e ."}, {{synthetic("d e", -4, 3, 0.25)}, {synthetic("f", -2, 4, 0.5)}})
          .at(0);
  const Translation& t = out.translations.at(0);
  CHECK(t.attention.empty());
  const auto heads = attn::joined_attention(t.segment_attention);
  REQUIRE(heads.size() == 2);
  // Rows: a b . | c d e . | end. Columns: d e | f end; the end of "d e" is dropped.
  Mat expected = Mat::Zero(8, 4);
  expected.row(0) << 0.75F, 0.74F, 0, 0;
  expected.row(3) << 0, 0, 0.5F, 0.49F;
  expected.row(7) << 0.25F, 0.26F, 0.5F, 0.51F;
  for (const Mat& head : heads) {
    REQUIRE(head.rows() == 8);
    REQUIRE(head.cols() == 4);
    CHECK(head.isApprox(expected, 1e-6F));
    for (Index j = 0; j < head.cols(); ++j) CHECK(head.col(j).sum() == doctest::Approx(1));
  }
}

TEST_CASE("a truncated last segment has no end, and truncated segments before it change nothing") {
  const auto last = join_lists({"a . b ."}, {{synthetic("d", -1, 2)},
                                             {synthetic("e", -2, 2, 0.25, SegmentEnd::truncated)}})
                        .at(0)
                        .translations.at(0);
  CHECK(last.log_probs.size() == 2);
  CHECK(attn::joined_attention(last.segment_attention)[0].cols() == 2);
  const auto first = join_lists({"a . b ."}, {{synthetic("d", -1, 2, 0.25, SegmentEnd::truncated)},
                                              {synthetic("e", -2, 2)}})
                         .at(0)
                         .translations.at(0);
  REQUIRE(first.log_probs.size() == 3);
  CHECK(first.log_probs[2] == doctest::Approx(-1.2));  // only the end of the second segment
  CHECK(attn::joined_attention(first.segment_attention)[0].cols() == 3);
}

TEST_CASE("n-best lists are joined by rank, and a shorter list repeats its last translation") {
  const auto out =
      join_lists({"a . b ."},
                 {{synthetic("a", -1, 2), synthetic("b", -2, 2), synthetic("c", -3, 2)},
                  {synthetic("d", -1, 2), synthetic("e", -4, 2)}})
          .at(0);
  REQUIRE(out.translations.size() == 3);
  CHECK(out.translations[0].text == "a d");
  CHECK(out.translations[1].text == "b e");
  CHECK(out.translations[2].text == "c e");
  CHECK(out.translations[1].log_prob == doctest::Approx(-6));
  CHECK(out.translations[2].score == doctest::Approx(-3.5));
  for (const auto& t : out.translations)
    CHECK(attn::joined_attention(t.segment_attention)[0].rows() == 5);
}

TEST_CASE("translations are joined with spaces where the line has them or the script requires it") {
  const auto text = [](const std::string& line, const std::string& first,
                       const std::string& second) {
    return join_lists({line}, {{synthetic(first, -1, 1)}, {synthetic(second, -1, 1)}})
        .at(0)
        .translations.at(0)
        .text;
  };
  CHECK(text("は。い。", "い。", "は。") == "い。は。");
  CHECK(text("は。い。", "a .", "b .") == "a . b .");
  CHECK(text("は。 い。", "い。", "は。") == "い。 は。");
  CHECK(text("a .  b .", "は。", "い。") == "は。 い。");
  CHECK(text("a . b .", "", "c") == "c");
  CHECK(text("a . b .", "c", "") == "c");
}

TEST_CASE("lines with a prefix are not divided, and lines are complete with their last segment") {
  const Strings lines = {"a . b .", "c . d ."}, prefixes = {"x", ""};
  SegmentedText text({lines, prefixes}, Segmenter(known_words(), 100, ""));
  REQUIRE(text.text().lines.size() == 3);
  CHECK(text.text().lines[0] == lines[0]);
  CHECK(text.text().prefixes[0] == "x");
  CHECK(text.text().prefixes[1].empty());
  const std::vector<std::size_t> middle = {1}, others = {0, 2};
  CHECK(text.complete(middle) == 0);
  CHECK(text.complete(others) == 2);
}

TEST_CASE("the cuts within sentences are counted, the ends of sentences are not") {
  const Strings lines = {"a b . a b c d e f . c .", "a b . c ."};
  SegmentedText text({lines}, Segmenter(known_words(), 4, ""));
  auto found = text.take_tokenized();
  for (auto& segment : found) segment.translations = {synthetic("d", -1, segment.source.size())};
  const auto out = text.join(std::move(found));
  CHECK(out[0].segment_sizes == std::vector<std::size_t>{3, 3, 4, 2});
  CHECK(out[0].cuts == 1);
  CHECK(out[1].cuts == 0);
}
