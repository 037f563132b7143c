// Texts in place of unknown words: words of the source, which are selected by attention (Luong,
// Sutskever, Le, Vinyals and Zaremba 2015; Jean et al. 2015), and those of a given prefix.
#pragma once

#include <string>

#include "search/translate.h"

namespace attn {

// Replaces each unknown piece from piece `first` on with the source word with the largest attention
// weight, summed over all heads, and updates the byte ranges of the pieces. If all weight is on
// end-of-sentence tokens, or there are no weights, takes the word at the same relative position.
// `pieces` are the pieces of the source line.
void replace_unknown(const std::string& line, std::span<const Tokenizer::Piece> pieces,
                     const Tokenizer& source, const Tokenizer& target, std::size_t first,
                     Translation& translation);

// Replaces the unknown pieces of a prefix, with which the translation begins, by their text.
// `pieces` are the pieces of the prefix.
void restore_prefix(const std::string& prefix, std::span<const Tokenizer::Piece> pieces,
                    const Tokenizer& target, Translation& translation);

}  // namespace attn
