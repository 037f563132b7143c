#pragma once

#include "model/encoder.h"

namespace attn {

// Any encoder, with a layer over the sentences of its sources.
std::unique_ptr<Encoder> make_document_encoder(Layout& layout, const ModelConfig& config,
                                               std::unique_ptr<Encoder> words);

}  // namespace attn
