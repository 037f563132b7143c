#include "search/replace_unknown.h"

#include <doctest/doctest.h>

namespace {

using attn::Mat;
using attn::Tokenizer;
using attn::Translation;

// A translation into these words ("?" being unknown) of "x Łódź y", each step of which looks at one
// piece of the source alone; -1: at the end of the sentence.
Translation said(const std::vector<std::string>& words, const std::vector<int>& looks) {
  static const Tokenizer target = Tokenizer::of_words({"a", "b"});
  static const Tokenizer source = Tokenizer::of_words({"x", "y"});
  std::vector<int> ids;
  for (const auto& word : words)
    ids.push_back(word == "?" ? target.unk() : target.encode(word).at(0));
  const auto decoded = target.decode_with_offsets(ids);
  Translation t;
  t.text = decoded.text, t.target = decoded.pieces;
  const std::string line = "x Łódź y";
  const auto pieces = source.encode_with_offsets(line);
  REQUIRE(pieces.size() == 3);
  Mat attention = Mat::Zero(4, static_cast<Eigen::Index>(looks.size()));
  for (std::size_t i = 0; i < looks.size(); ++i)
    attention(looks[i] < 0 ? 3 : looks[i], static_cast<Eigen::Index>(i)) = 1;
  if (!looks.empty()) t.attention = {attention};
  attn::replace_unknown(line, pieces, source, target, t);
  return t;
}

std::vector<std::string> surfaces(const Translation& t) {
  std::vector<std::string> out;
  for (const auto& piece : t.target)
    out.push_back(t.text.substr(piece.begin, piece.end - piece.begin));
  return out;
}

}  // namespace

TEST_CASE("an unknown word becomes the source word that it looks at") {
  const Translation t = said({"a", "?", "b"}, {0, 1, 2, -1});
  CHECK(t.text == "a Łódź b");
  CHECK(surfaces(t) == std::vector<std::string>{"a", " Łódź", " b"});
  CHECK(said({"?", "b"}, {1, 2, -1}).text == "Łódź b");
  CHECK(said({"a", "?", "?"}, {0, 1, 2, -1}).text == "a Łódź y");
}

TEST_CASE("without attention, and where only the end is looked at, it stays unknown") {
  CHECK(said({"a", "?", "b"}, {}).text.find("Łódź") == std::string::npos);
  CHECK(said({"a", "?", "b"}, {0, -1, 2, -1}).text.find("⁇") != std::string::npos);
  CHECK(said({"a", "b"}, {1, 1, -1}).text == "a b");
}
