#pragma once

#include "model/encoder.h"

namespace attn {

std::unique_ptr<Encoder> make_recurrent_encoder(Layout& layout, const ModelConfig& config,
                                                Index vocabulary);

}  // namespace attn
