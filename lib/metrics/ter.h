// Translation edit rate (Snover, Dorr, Schwartz, Micciulla and Makhoul 2006), the corpus score as
// sacreBLEU has it (Post 2018):
//   TER = edits / words of the reference
// An edit inserts, deletes or replaces a word, or shifts some words to another place. To find the
// fewest is NP-hard (Shapira and Storer 2002); this is tercom's greedy search:
//   the shift that makes the edit distance smallest, while there is one; then that distance
// A shift moves at most 10 words that stand in the reference as they are, from a place less than 51
// words away, where both places have an error in the alignment of the shortest edits. Of equals the
// longest, then the leftmost, then the one that goes leftmost; after 1000 shifts tried, the search
// for a line ends. Edit distances are searched within 25 words of the diagonal. Of several
// references the one with the fewest edits counts, with the mean of all lengths.
#pragma once

#include "metrics/metric.h"

namespace attn {

// Its statistics: edits, words of the reference.
Metric ter_metric(const TercomOptions& options);

}  // namespace attn
