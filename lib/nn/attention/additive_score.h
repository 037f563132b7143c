// The additive score: e_j = v·tanh(W q + U h_j), optionally with weight normalization and coverage.
#pragma once

#include "nn/attention/score.h"

namespace attn {

// Returns the additive score with its parameters in scope `at`.
std::unique_ptr<AttentionScore> make_additive_score(Scope at, const AttentionScoreSizes& sizes);

}  // namespace attn
