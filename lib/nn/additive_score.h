#pragma once

#include "nn/score.h"

namespace attn {

std::unique_ptr<Score> make_additive_score(Scope at, const ScoreSizes& sizes);

}  // namespace attn
