#include "alignment/granularity.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace attn {
namespace {

constexpr std::size_t kMostLetters = 6;  // of a word in a text that parts them, on average

bool breaks_anywhere(UChar32 letter) {
  switch (u_getIntPropertyValue(letter, UCHAR_LINE_BREAK)) {
    case U_LB_IDEOGRAPHIC:
    case U_LB_CONDITIONAL_JAPANESE_STARTER:
    case U_LB_COMPLEX_CONTEXT:
      return true;
    default:
      return false;
  }
}

struct Letters {
  std::size_t unspaced = 0, other = 0;
};

void count_letters(const std::string& word, Letters& letters) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(word.data());
  const auto length = static_cast<std::int32_t>(word.size());
  for (std::int32_t i = 0; i < length;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, i, length, c);
    if (u_isalpha(c)) ++(breaks_anywhere(c) ? letters.unspaced : letters.other);
  }
}

std::string without_spaces(const std::string& piece) {
  const std::size_t begin = piece.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : piece.substr(begin, piece.find_last_not_of(' ') + 1 - begin);
}

// The pieces' texts, without the end of sentence.
std::vector<std::string> texts_of(const std::vector<std::string>& pieces, bool has_end) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + (has_end ? 1 : 0) < pieces.size(); ++i)
    texts.push_back(without_spaces(pieces[i]));
  return texts;
}

// Each piece as a word of its own.
PieceMap of_pieces(const std::vector<std::string>& texts) {
  PieceMap map;
  map.spaced = false;
  for (const std::string& text : texts) {
    map.words_of.push_back({static_cast<int>(map.words.size())});
    map.words.push_back(text.empty() ? "▁" : text);
  }
  return map;
}

// The same, but one without text goes to the piece that follows, at the end to the one before.
PieceMap of_texts(const std::vector<std::string>& texts) {
  PieceMap map;
  map.spaced = false;
  for (const std::string& text : texts) {
    map.words_of.push_back({static_cast<int>(map.words.size())});
    if (!text.empty()) map.words.push_back(text);
  }
  for (auto& of_piece : map.words_of)
    of_piece[0] = std::min(of_piece[0], static_cast<int>(map.words.size()) - 1);
  return map;
}

}  // namespace

const Registry<Granularity>& granularities() {
  static const Registry<Granularity> table = {
      {"auto",
       "words, but subwords of a text without spaces between its words, such as Chinese, Japanese "
       "or Thai",
       Granularity::kAuto},
      {"words", "what stands between white space", Granularity::kWords},
      {"pieces", "subwords", Granularity::kPieces}};
  return table;
}

bool is_unspaced(const std::vector<std::string>& words) {
  Letters letters;
  for (const std::string& word : words) count_letters(word, letters);
  return letters.unspaced > letters.other &&
         (words.size() == 1 || letters.unspaced > kMostLetters * words.size());
}

AlignedPair at_granularity(AlignedPair pair, Granularity units) {
  const bool by_text = units == Granularity::kAuto && !pair.gold && !pair.combined;
  bool changed = false;
  const auto change = [&](PieceMap& side, const std::vector<std::string>& pieces, bool has_end) {
    if (units == Granularity::kPieces)
      side = of_pieces(texts_of(pieces, has_end));
    else if (by_text && is_unspaced(side.words))
      side = of_texts(texts_of(pieces, has_end));
    changed |= !side.spaced;
  };
  change(pair.source, pair.pieces.source, pair.pieces.source_end);
  change(pair.target, pair.pieces.target, pair.pieces.target_end);
  if (changed) pair.gold.reset(), pair.combined.reset();
  return pair;
}

}  // namespace attn
