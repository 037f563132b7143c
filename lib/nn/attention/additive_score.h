#pragma once

#include "nn/attention/score.h"

namespace attn {

std::unique_ptr<AttentionScore> make_additive_score(Scope at, const AttentionScoreSizes& sizes);

}  // namespace attn
