// The conditional decoder of Nematus (Sennrich et al. 2017): two cells per step, with attention
// between them:  s'_i = cell₁(E y_{i−1}, s_{i−1}),  s_i = cell₂(c_i, s'_i).
#pragma once

#include "model/decoder.h"

namespace attn {

// Returns the decoder; `memory` gives the rows of the encoder output that it reads.
std::unique_ptr<Decoder> make_conditional_decoder(Layout& layout, const ModelConfig& config,
                                                  const EncoderOutputRows& memory);

}  // namespace attn
