// Two-level attention is for documents. One score compares the query with the words of each segment
// s, another with the segments. The weight of a word is its weight within its segment times that of
// the segment (after Nallapati et al. 2016, 2.4, and Yang et al. 2016, 2.2):
//   α_ij = β_is α_isj
//   α_isj = normalizer(score(q_i, h_j) of the words j of s)   β_i = normalizer(score'(q_i, h'_s))
#pragma once

#include "nn/attention/attention.h"

namespace attn {

// Returns the attention with its parameters in scope `at`. Throws Bug for options that two levels
// do not have: local windows, coverage and stochastic normalizers.
std::unique_ptr<Attention> make_two_level_attention(Scope at, const AttentionOptions& options);

}  // namespace attn
