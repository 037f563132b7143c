// The names a config may use for the parts of a model, from their tables.
#pragma once

#include <vector>

#include "base/table.h"

namespace attn {

std::vector<Choice> cell_choices();
std::vector<Choice> score_choices();
std::vector<Choice> weighting_choices();
std::vector<Choice> window_choices();
std::vector<Choice> readout_choices();
std::vector<Choice> init_choices();
std::vector<Choice> position_choices();

}  // namespace attn
