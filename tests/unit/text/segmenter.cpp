// The expected segments are written by hand: with one piece per word or character, lengths are easy
// to count.
#include "text/segmenter.h"

#include <fstream>

#include <doctest/doctest.h>

#include "support/scratch.h"

namespace {

using attn::Segment;
using attn::Segmenter;
using attn::Tokenizer;
using Strings = std::vector<std::string>;

// Returns a vocabulary with one piece for each word of the tests.
const Tokenizer& word_pieces() {
  static const Tokenizer tokenizer =
      Tokenizer::from_words({"a", "b", "c", "d", "e", "f", "g", "h", ",", ";", "a,", "b,", "."});
  return tokenizer;
}

// Returns a vocabulary whose pieces are the characters of the text, and ▁ before each word.
Tokenizer characters_of(const std::string& text) {
  const Scratch scratch;
  std::ofstream(scratch / "text") << text << "\n";
  return Tokenizer::train({scratch / "text"}, {.type = "char", .vocabulary_size = 500});
}

Strings segment_texts(const std::string& line, const std::vector<Segment>& segments) {
  Strings out;
  for (const auto& segment : segments)
    out.push_back(line.substr(segment.range.begin, segment.range.end - segment.range.begin));
  return out;
}

Strings split_texts(const std::string& line, int max_length,
                    const Tokenizer& tokenizer = word_pieces()) {
  const auto segments = Segmenter(tokenizer, max_length, "").split(line);
  for (const auto& segment : segments) CHECK(std::ssize(segment.pieces) <= max_length);
  return segment_texts(line, segments);
}

}  // namespace

TEST_CASE("a line of one sentence within the limit is one segment with its white space") {
  const std::string line = "  a\tb c .  ";
  const auto segments = Segmenter(word_pieces(), 4, "").split(line);
  REQUIRE(segments.size() == 1);
  CHECK(segment_texts(line, segments)[0] == line);
  CHECK(!segments[0].is_cut);
  const auto expected = word_pieces().encode_with_offsets(line);
  REQUIRE(segments[0].pieces.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(segments[0].pieces[i].id == expected[i].id);
    CHECK(segments[0].pieces[i].end == expected[i].end);
  }
  for (const std::string blank : {"", "   ", "\t"}) CHECK(split_texts(blank, 4) == Strings{blank});
}

TEST_CASE("short sentences are segments of their own, and are not cut") {
  const std::string line = " a b .  c . d e f .";
  const auto segments = Segmenter(word_pieces(), 4, "").split(line);
  CHECK(segment_texts(line, segments) == Strings{"a b .", "c .", "d e f ."});
  for (const auto& segment : segments) CHECK(!segment.is_cut);
  CHECK(segments[1].pieces.at(0).begin == 0);  // relative to the segment
}

TEST_CASE("a long sentence is cut after clause punctuation near its middle, else at white space") {
  CHECK(split_texts("a b c , d e f g", 7) == Strings{"a b c ,", "d e f g"});
  CHECK(split_texts("a b, c d e f g", 6) == Strings{"a b,", "c d e f g"});
  CHECK(split_texts("a, b c d e f g", 6) == Strings{"a, b c", "d e f g"});  // the comma is not near
  CHECK(split_texts("a b c d e f", 5) == Strings{"a b c", "d e f"});
  CHECK(split_texts("a b c ; d e , f g h", 5) == Strings{"a b c ;", "d e ,", "f g h"});
}

TEST_CASE("a sentence of several times the limit is cut into parts of similar length") {
  std::string line;
  for (int i = 0; i < 300; ++i) line += i % 2 == 0 ? "a " : "b ";
  const auto segments = Segmenter(word_pieces(), 50, "").split(line);
  CHECK(segments.size() <= 8);
  std::size_t pieces = 0;
  for (const auto& segment : segments) {
    CHECK(segment.pieces.size() >= 25);
    CHECK(segment.pieces.size() <= 50);
    CHECK(segment.is_cut == (&segment != &segments.back()));
    pieces += segment.pieces.size();
  }
  CHECK(pieces == 300);
}

TEST_CASE("clause punctuation of other scripts cuts without white space, but 3,5 is not cut") {
  const std::string chinese = "我们去商店，他们回家了";
  CHECK(split_texts(chinese, 8, characters_of(chinese)) == Strings{"我们去商店，", "他们回家了"});
  const std::string arabic = "ابجد هوز، حطي كلمن";
  CHECK(split_texts(arabic, 14, characters_of(arabic)) == Strings{"ابجد هوز،", "حطي كلمن"});
  const std::string number = "aaaa 3,5 bbbb";
  CHECK(split_texts(number, 11, characters_of(number)) == Strings{"aaaa", "3,5 bbbb"});
  const std::string dash = "aaa bb—cc dddd";
  CHECK(split_texts(dash, 12, characters_of(dash)) == Strings{"aaa bb—", "cc dddd"});
}

TEST_CASE("text without white space is cut between words, and at last between characters") {
  const std::string thai = "ภาษาไทยภาษาไทย";  // "Thai language" twice: ภาษา|ไทย|ภาษา|ไทย
  CHECK(split_texts(thai, 10, characters_of(thai)) == Strings{"ภาษาไทย", "ภาษาไทย"});
  const std::string spaced = "ภาษาไทย ภาษาไทย";
  CHECK(split_texts(spaced, 10, characters_of(spaced)) == Strings{"ภาษาไทย", "ภาษาไทย"});
  const std::string word = "aaaaaaaaaa";
  CHECK(split_texts(word, 7, characters_of(word)) ==
        Strings{"aaaa", "aaaaaa"});  // and ▁ at the begin of each
}

TEST_CASE("no character is lost at any limit, and segments of several characters are within it") {
  const std::string line =
      "Ça va, très bien ; 我们去商店，ภาษาไทย (“x-y”)…z ,,, 1,5 — e\u0301e\u0301e\u0301 aaaaaaaaaa";
  const Tokenizer tokenizer = characters_of(line);
  const auto squeezed = [](std::string text) {
    std::erase(text, ' ');
    return text;
  };
  for (int limit = 1; limit < 60; ++limit) {
    CAPTURE(limit);
    const auto segments = Segmenter(tokenizer, limit, "").split(line);
    std::string all;
    for (const auto& text : segment_texts(line, segments)) all += text;
    CHECK(squeezed(all) == squeezed(line));
    for (const auto& segment : segments) {
      CHECK(segment.range.begin < segment.range.end);
      // A single character has at most four pieces: "…" becomes "▁...".
      CHECK(std::ssize(segment.pieces) <= std::max(limit, 4));
    }
  }
}
