// What training may ask of attention weights beside good translations. The weights of a sentence:
// [source words × steps].
#pragma once

#include <span>

#include "math/types.h"
#include "math/workspace.h"

namespace attn {

// Looking twice (See et al. 2017, eq. 10 and 12):
//   Σ_t Σ_j min(α_tj, κ_tj), κ_t = Σ_{t' < t} α_t'
// Adds `scale` times its gradient to dweights where there is one.
double coverage_loss(const ConstView& weights, double scale, View* dweights, Workspace& ws);

// Looking elsewhere than given links say (guided alignment, Chen et al. 2016; cross-entropy):
//   −Σ_t 1/|A_t| Σ_{j in A_t} ln(α_tj + 10⁻⁶), A_t the words linked to t; steps without links cost
//   nothing; α is the mean of the heads
// links: source word and step in turn, sorted by step. Adds `scale` times its gradient to the
// dweights of each head, if any.
double guided_loss(std::span<const ConstView> heads, std::span<const int> links, double scale,
                   std::span<View> dheads);

}  // namespace attn
