// The scores in the table of score.cpp. Each function returns a score with its parameters in scope
// `at`.
#pragma once

#include "nn/attention/score.h"

namespace attn {

AttentionScore make_additive_score(Scope at, const AttentionScoreSizes& sizes);
AttentionScore make_dot_score(Scope at, const AttentionScoreSizes& sizes);
AttentionScore make_scaled_dot_score(Scope at, const AttentionScoreSizes& sizes);
AttentionScore make_cosine_score(Scope at, const AttentionScoreSizes& sizes);
AttentionScore make_general_score(Scope at, const AttentionScoreSizes& sizes);
AttentionScore make_gaussian_score(Scope at, const AttentionScoreSizes& sizes);
AttentionScore make_location_score(Scope at, const AttentionScoreSizes& sizes);

}  // namespace attn
