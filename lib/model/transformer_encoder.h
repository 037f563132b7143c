// Encoders with Transformer layers (Vaswani et al. 2017, 3.1): on top of word embeddings and
// positions, or on top of a recurrent encoder (Chen et al. 2018).
#pragma once

#include "model/encoder.h"

namespace attn {

// Return an encoder for a source vocabulary of the given size.
std::unique_ptr<Encoder> make_transformer_encoder(Layout& layout, const ModelConfig& config,
                                                  Index vocabulary);
std::unique_ptr<Encoder> make_recurrent_transformer_encoder(Layout& layout,
                                                            const ModelConfig& config,
                                                            Index vocabulary);

}  // namespace attn
