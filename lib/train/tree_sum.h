// The order in which the gradients of the shards are summed: a balanced binary tree, in which the
// range [b, e) is split at ⌊(b + e) / 2⌋ and the sums of both halves are added.
//
// If 2^k processes own consecutive blocks of equally many shards, each block is a subtree.
// Processes that add their sums pairwise, nearest partner first, therefore get the same bits as one
// process.
#pragma once

#include <span>

#include "math/params.h"

namespace attn {

// Adds the numbers [offset, offset + size) of all arenas in the order of the tree. The first arena
// receives the sums, and the others are set to zero. Requires at least one arena.
void tree_sum(std::span<Params> arenas, Index offset, Index size);

}  // namespace attn
