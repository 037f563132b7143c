#pragma once

#include "model/encoder.h"

namespace attn {

std::unique_ptr<Encoder> make_transformer_encoder(Layout& layout, const ModelConfig& config,
                                                  Index vocabulary);
std::unique_ptr<Encoder> make_recurrent_transformer_encoder(Layout& layout,
                                                            const ModelConfig& config,
                                                            Index vocabulary);

}  // namespace attn
