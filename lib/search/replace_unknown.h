// Unknown words of a translation, replaced by those of the source (Luong, Sutskever, Le, Vinyals
// and Zaremba 2015; Jean et al. 2015, by attention).
#pragma once

#include <string>

#include "search/translate.h"

namespace attn {

// In the place of each unknown piece stands the source word that it looks at most, over all maps;
// the pieces' bytes follow. Nothing changes without attention, or where the weights are all of the
// end of a sentence. `pieces` are those of the source line.
void replace_unknown(const std::string& line, std::span<const Tokenizer::Piece> pieces,
                     const Tokenizer& source, const Tokenizer& target, Translation& translation);

}  // namespace attn
