// A bidirectional recurrent layer over the segments of documents, on top of any encoder of words
// (after Nallapati et al. 2016, 2.4).
#pragma once

#include "model/encoder.h"

namespace attn {

// Returns an encoder that adds the segment layer to the encoder `words`.
std::unique_ptr<Encoder> make_document_encoder(Layout& layout, const ModelConfig& config,
                                               std::unique_ptr<Encoder> words);

}  // namespace attn
