// The decoder of Luong, Pham and Manning (2015): the state s_i queries attention, and predictions
// are made from the attentional vector  ĥ_i = tanh(W_c [c_i; s_i]).
#pragma once

#include "model/decoder.h"

namespace attn {

// Returns the decoder; `memory` gives the rows of the encoder output that it reads.
std::unique_ptr<Decoder> make_luong_decoder(Layout& layout, const ModelConfig& config,
                                            const EncoderOutputRows& memory);

}  // namespace attn
