// The names a config may use for encoders and decoders, from their tables.
#pragma once

#include <vector>

#include "base/table.h"

namespace attn {

std::vector<Choice> encoder_choices();
std::vector<Choice> decoder_choices();

}  // namespace attn
