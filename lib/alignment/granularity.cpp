#include "alignment/granularity.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace attn {
namespace {

// The largest mean number of letters per word in a text that is written with spaces.
constexpr std::size_t kMaxWordLetters = 6;

// Returns whether a line may break on either side of the letter.
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

// Returns the texts of the pieces, without the end of sentence.
std::vector<std::string> piece_texts(const std::vector<std::string>& pieces, bool has_end) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i + (has_end ? 1 : 0) < pieces.size(); ++i)
    texts.push_back(without_spaces(pieces[i]));
  return texts;
}

// Returns a map in which each piece is a word.
PieceMap pieces_as_words(const std::vector<std::string>& texts) {
  PieceMap map;
  map.spaced = false;
  for (const std::string& text : texts) {
    map.words_of.push_back({static_cast<int>(map.words.size())});
    map.words.push_back(text.empty() ? "▁" : text);
  }
  return map;
}

// Returns a map in which each piece is a word, except that pieces without text belong to the next
// one with text, or to the last one.
PieceMap nonempty_pieces_as_words(const std::vector<std::string>& texts) {
  PieceMap map;
  map.spaced = false;
  for (const std::string& text : texts) {
    map.words_of.push_back({static_cast<int>(map.words.size())});
    if (!text.empty()) map.words.push_back(text);
  }
  for (auto& words : map.words_of)
    words[0] = std::min(words[0], static_cast<int>(map.words.size()) - 1);
  return map;
}

}  // namespace

const Registry<Granularity>& granularities() {
  static const Registry<Granularity> table = {
      {"auto",
       "words; subwords for a side that is written without spaces, such as Chinese, Japanese or "
       "Thai",
       Granularity::kAuto},
      {"words", "text between white space", Granularity::kWords},
      {"subwords", "subwords", Granularity::kSubwords}};
  return table;
}

bool is_unspaced(const std::vector<std::string>& words) {
  Letters letters;
  for (const std::string& word : words) count_letters(word, letters);
  return letters.unspaced > letters.other &&
         (words.size() == 1 || letters.unspaced > kMaxWordLetters * words.size());
}

AlignedPair at_granularity(AlignedPair pair, Granularity granularity) {
  const bool by_text = granularity == Granularity::kAuto && !pair.gold && !pair.combined;
  bool changed = false;
  const auto change = [&](PieceMap& side, const std::vector<std::string>& pieces, bool has_end) {
    if (granularity == Granularity::kSubwords)
      side = pieces_as_words(piece_texts(pieces, has_end));
    else if (by_text && is_unspaced(side.words))
      side = nonempty_pieces_as_words(piece_texts(pieces, has_end));
    changed |= !side.spaced;
  };
  change(pair.source, pair.pieces.source, pair.pieces.source_end);
  change(pair.target, pair.pieces.target, pair.pieces.target_end);
  if (changed) pair.gold.reset(), pair.combined.reset();
  return pair;
}

}  // namespace attn
