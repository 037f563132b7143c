#include "search/replace_unknown.h"

#include <doctest/doctest.h>

namespace {

using attn::Mat;
using attn::Tokenizer;
using attn::Translation;

// Returns a translation of "x Łódź y" into these words, "?" being unknown, after replace_unknown.
// Step i attends only to source piece attended[i], or to the end of sentence if that is -1.
Translation replaced(const std::vector<std::string>& words, const std::vector<int>& attended) {
  static const Tokenizer target = Tokenizer::from_words({"a", "b"});
  static const Tokenizer source = Tokenizer::from_words({"x", "y"});
  std::vector<int> ids;
  for (const auto& word : words)
    ids.push_back(word == "?" ? target.unk() : target.encode(word).at(0));
  const auto decoded = target.decode_with_offsets(ids);
  Translation t;
  t.text = decoded.text, t.target = decoded.pieces;
  const std::string line = "x Łódź y";
  const auto pieces = source.encode_with_offsets(line);
  REQUIRE(pieces.size() == 3);
  Mat attention = Mat::Zero(4, static_cast<Eigen::Index>(attended.size()));
  for (std::size_t i = 0; i < attended.size(); ++i)
    attention(attended[i] < 0 ? 3 : attended[i], static_cast<Eigen::Index>(i)) = 1;
  if (!attended.empty()) t.attention = {attention};
  attn::replace_unknown(line, pieces, source, target, 0, t);
  return t;
}

std::vector<std::string> surfaces(const Translation& t) {
  std::vector<std::string> out;
  for (const auto& piece : t.target)
    out.push_back(t.text.substr(piece.begin, piece.end - piece.begin));
  return out;
}

}  // namespace

TEST_CASE("an unknown word is replaced by the source word with the largest attention weight") {
  const Translation t = replaced({"a", "?", "b"}, {0, 1, 2, -1});
  CHECK(t.text == "a Łódź b");
  CHECK(surfaces(t) == std::vector<std::string>{"a", " Łódź", " b"});
  CHECK(replaced({"?", "b"}, {1, 2, -1}).text == "Łódź b");
  CHECK(replaced({"a", "?", "?"}, {0, 1, 2, -1}).text == "a Łódź y");
}

TEST_CASE("an unknown word without attention becomes the word at the same relative position") {
  CHECK(replaced({"a", "?", "b"}, {}).text == "a Łódź b");
  CHECK(replaced({"a", "?", "b"}, {0, -1, 2, -1}).text == "a Łódź b");
  CHECK(replaced({"?", "?", "?"}, {-1, -1, -1, -1}).text == "x Łódź y");
  CHECK(replaced({"a", "b"}, {1, 1, -1}).text == "a b");
}

TEST_CASE("the unknown words of a prefix get its text") {
  const Tokenizer target = Tokenizer::from_words({"a", "b"});
  const std::string prefix = "a Łódź  żółw";
  const auto pieces = target.encode_with_offsets(prefix);
  auto ids = target.encode(prefix);
  ids.push_back(target.encode("b").at(0));
  const auto decoded = target.decode_with_offsets(ids);
  Translation t;
  t.text = decoded.text, t.target = decoded.pieces;
  CHECK(t.text.find("⁇") != std::string::npos);
  attn::restore_prefix(prefix, pieces, target, t);
  CHECK(t.text.find("⁇") == std::string::npos);
  CHECK(t.text.starts_with("a Łódź"));
  CHECK(t.text.ends_with(" b"));
}
