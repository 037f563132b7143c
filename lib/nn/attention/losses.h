// Losses on attention weights, which training can add to the translation loss. The attention
// weights of a sentence pair are a matrix [source words × steps].
#pragma once

#include <span>

#include "math/matrix_view.h"
#include "math/workspace.h"

namespace attn {

// Returns the coverage loss, which is high if several steps attend to the same words (See et al.
// 2017, eq. 10 and 12):
//   Σ_t Σ_j min(α_tj, κ_tj),   κ_t = Σ_{t' < t} α_t'
// Adds `scale` times its gradient to dweights unless dweights is null.
double coverage_loss(ConstMatrixView weights, double scale, MatrixView* dweights, Workspace& ws);

// Returns the guided alignment loss, the cross-entropy between word alignments and attention
// weights (Chen et al. 2016):
//   −Σ_t 1/|A_t| Σ_{j in A_t} ln(α_tj + 10⁻⁶)
// A_t are the source words that are aligned to step t; steps without links contribute nothing. α is
// the mean of the heads. `links` contains source position and step of each link in turn, sorted by
// step. Adds `scale` times the gradient to the matrices in `dheads`, one per head or none.
double guided_loss(std::span<const ConstMatrixView> heads, std::span<const int> links, double scale,
                   std::span<MatrixView> dheads);

}  // namespace attn
