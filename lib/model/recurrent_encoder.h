// The bidirectional recurrent encoder (Bahdanau et al. 2015, 3.2):  h_j = [→h_j; ←h_j].
#pragma once

#include "model/encoder.h"

namespace attn {

// Returns an encoder for a source vocabulary of the given size.
std::unique_ptr<Encoder> make_recurrent_encoder(Layout& layout, const ModelConfig& config,
                                                Index vocabulary);

}  // namespace attn
