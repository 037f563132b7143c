// Texts and attention of the model, put together for those that know neither.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "math/types.h"
#include "model/model_dir.h"

namespace attn {

// One pair with its attention, one matrix a head, or without weights if there is none; the
// tokenizer is the source's.
AlignedPair aligned_pair(const Tokenizer& tokenizer, const std::string& source,
                         const std::vector<Tokenizer::Piece>& source_pieces,
                         const std::string& target,
                         const std::vector<Tokenizer::Piece>& target_pieces,
                         const std::vector<Mat>& attention);

// What the source's words looked at in an encoder that attends; of others nothing is added.
void add_encoder_attention(const Model& model, const std::vector<Tokenizer::Piece>& source_pieces,
                           AlignedPair& pair);

}  // namespace attn
