// Attention with one level: the attention weights of a source are the normalized energies of its
// words (Bahdanau et al. 2015, eq. 6).
#pragma once

#include "nn/attention/attention.h"

namespace attn {

// Returns the attention with its parameters in scope `at`.
std::unique_ptr<Attention> make_single_level_attention(Scope at, const AttentionOptions& options);

}  // namespace attn
