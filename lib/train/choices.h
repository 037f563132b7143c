// The names a config may use for optimizers and schedules, from their tables.
#pragma once

#include <vector>

#include "base/table.h"

namespace attn {

std::vector<Choice> optimizer_choices();
std::vector<Choice> schedule_choices();

}  // namespace attn
