#include "search/replace_unknown.h"

#include <algorithm>

namespace attn {
namespace {

// Returns the source word with the largest weight at a step, the first of equal weights; "" if all
// weights are zero.
std::string most_attended_word(const std::vector<Mat>& attention, Index step,
                               std::span<const std::string> words,
                               const std::vector<std::vector<int>>& words_of,
                               std::span<const Tokenizer::Piece> pieces, int end) {
  std::vector<double> sums(words.size(), 0);
  for (const Mat& map : attention)
    for (std::size_t i = 0; i < pieces.size(); ++i)
      for (const int word : words_of[i])
        if (pieces[i].id != end)
          IndexSpan(sums)[word] += static_cast<double>(map(static_cast<Index>(i), step)) /
                                   static_cast<double>(words_of[i].size());
  const auto largest = std::ranges::max_element(sums);
  if (largest == sums.end() || *largest <= 0) return "";
  return IndexSpan(words)[largest - sums.begin()];
}

// Replaces each piece for which replacement(t) is not empty by that text, as a word of its own.
template <class Replacement>
void replace_pieces(Translation& translation, Replacement replacement) {
  std::string text;
  for (std::size_t t = 0; t < translation.target.size(); ++t) {
    auto& piece = translation.target[t];
    std::string surface = translation.text.substr(piece.begin, piece.end - piece.begin);
    if (const std::string word = replacement(t); !word.empty())
      surface = (text.empty() || text.back() == ' ' ? "" : " ") + word;
    else if (!text.empty() && text.back() == ' ' && surface.starts_with(' '))
      surface.erase(0, 1);
    piece.begin = text.size();
    text += surface;
    piece.end = text.size();
  }
  translation.text = std::move(text);
}

}  // namespace

void replace_unknown(const std::string& line, std::span<const Tokenizer::Piece> pieces,
                     const Tokenizer& source, const Tokenizer& target, std::size_t first,
                     Translation& translation) {
  const auto& found = translation.target;
  const auto is_unknown = [&](const auto& piece) { return piece.id == target.unk(); };
  const auto words = split_words(line);
  if (words.empty() || std::ranges::none_of(found, is_unknown)) return;
  const auto words_of = words_of_pieces(line, pieces);
  replace_pieces(translation, [&](std::size_t t) -> std::string {
    if (t < first || !is_unknown(found[t])) return "";
    const std::string word = most_attended_word(translation.attention, static_cast<Index>(t), words,
                                                words_of, pieces, source.eos());
    return word.empty() ? words[t * words.size() / found.size()] : word;
  });
}

void restore_prefix(const std::string& prefix, std::span<const Tokenizer::Piece> pieces,
                    const Tokenizer& target, Translation& translation) {
  const auto is_unknown = [&](const auto& piece) { return piece.id == target.unk(); };
  if (std::ranges::none_of(pieces, is_unknown)) return;
  replace_pieces(translation, [&](std::size_t t) -> std::string {
    if (t >= pieces.size() || !is_unknown(pieces[t])) return "";
    const std::string text = prefix.substr(pieces[t].begin, pieces[t].end - pieces[t].begin);
    const auto word = text.find_first_not_of(' ');
    return word == std::string::npos ? "" : text.substr(word);
  });
}

}  // namespace attn
