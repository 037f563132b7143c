// The heatmap page: attention heatmaps of many sentence pairs as one self-contained HTML file. Its
// markup, style and script are assets/page.*.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "alignment/granularity.h"

namespace attn {

// Returns the page. Pairs of the same line must be adjacent; the page shows the first of them
// first. With kSubwords it opens in subwords. A weight, of the mean and of every head, takes two
// bytes (encode_base90).
std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title,
                         Granularity granularity);

}  // namespace attn
