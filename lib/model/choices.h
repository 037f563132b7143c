// The names a config may use for encoders and decoders and their layers, from their tables.
#pragma once

#include <vector>

#include "base/table.h"

namespace attn {

std::vector<Choice> encoder_choices();
std::vector<Choice> decoder_choices();
std::vector<Choice> normalisation_choices();

}  // namespace attn
