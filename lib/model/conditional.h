#pragma once

#include "model/decoder.h"

namespace attn {

std::unique_ptr<Decoder> make_conditional_decoder(Layout& layout, const ModelConfig& config,
                                                  const EncoderOutputRows& memory);

}  // namespace attn
