// Replaces the unknown words of a translation with words of the source (Luong, Sutskever, Le,
// Vinyals and Zaremba 2015), which are selected by attention (Jean et al. 2015).
#pragma once

#include <string>

#include "search/translate.h"

namespace attn {

// Replaces each unknown piece with the source word with the largest attention weight, summed over
// all heads, and updates the byte ranges of the pieces. A piece stays unknown if there is no
// attention, or if all its attention weight is on end-of-sentence tokens. `pieces` are the pieces
// of the source line.
void replace_unknown(const std::string& line, std::span<const Tokenizer::Piece> pieces,
                     const Tokenizer& source, const Tokenizer& target, Translation& translation);

}  // namespace attn
