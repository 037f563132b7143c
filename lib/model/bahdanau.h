// The decoder of Bahdanau, Cho and Bengio (2015): the state s_{i−1} queries attention, whose
// context c_i is an input of the cell:  s_i = cell(E y_{i−1}, s_{i−1}, c_i).
#pragma once

#include "model/decoder.h"

namespace attn {

// Returns the decoder; `memory` gives the rows of the encoder output that it reads.
std::unique_ptr<Decoder> make_bahdanau_decoder(Layout& layout, const ModelConfig& config,
                                               const EncoderOutputRows& memory);

}  // namespace attn
