// Attention as one HTML page that needs nothing else: eval/page/page.* hold its markup, style and
// script.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "alignment/granularity.h"

namespace attn {

// Pairs of one line stand together, the first of them the one that is shown first; of kPieces the
// page opens in subwords. The weights are whole numbers of ten thousandths. Cost: about three bytes
// a weight, of every head.
std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title,
                         Granularity units);

}  // namespace attn
