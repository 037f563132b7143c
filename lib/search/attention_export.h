// Converts tokenized texts and attention weights of a model to an AlignedPair, which lib/alignment
// and lib/report read without knowing models or tokenizers.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "math/matrix_view.h"
#include "model/model_dir.h"
#include "search/translate.h"

namespace attn {

// Returns a sentence pair with its attention weights. `attention` has one matrix per head and is
// empty if there are no weights. `tokenizer` is that of the source.
AlignedPair aligned_pair(const Tokenizer& tokenizer, const std::string& source,
                         const std::vector<Tokenizer::Piece>& source_pieces,
                         const std::string& target,
                         const std::vector<Tokenizer::Piece>& target_pieces,
                         const std::vector<Mat>& attention);

// Returns a line and one of its translations, which may have been joined from segments.
AlignedPair aligned_pair(const Tokenizer& tokenizer, const std::string& source,
                         const TranslatedLine& found, const Translation& translation);

// Adds the self-attention weights of the encoder to the pair, if the encoder has self-attention.
void add_encoder_attention(const Model& model, const Weights& weights,
                           const std::vector<Tokenizer::Piece>& source_pieces, AlignedPair& pair);
// Adds those of a line that may have been divided: no word attends to a word of another segment.
void add_encoder_attention(const Model& model, const Weights& weights, const TranslatedLine& found,
                           AlignedPair& pair);

}  // namespace attn
