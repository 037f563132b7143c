// Translation edit rate (Snover, Dorr, Schwartz, Micciulla and Makhoul 2006), computed as in
// sacreBLEU (Post 2018) for a whole text:
//   TER = edits / words of the reference
// An edit inserts, deletes or replaces a word, or shifts a sequence of words. Finding the minimum
// number of edits is NP-hard (Shapira and Storer 2002); this is the greedy search of tercom:
//   while some shift reduces the edit distance, apply the one that reduces it most;
//   edits = shifts + remaining edit distance
// A shift moves at most 10 consecutive words to where the reference has the same words, at most 50
// positions away, and only if both contain a word that is edited. Ties are broken in favor of the
// longest, then the leftmost shift, then the leftmost target. The search for a line ends after 1000
// candidate shifts. Edit distances are computed in a beam of 25 words around the diagonal. Of
// several references, the one with the fewest edits counts, divided by the mean length of all.
#pragma once

#include "metrics/metric.h"

namespace attn {

// Returns the metric. Its statistics are the number of edits and the words of the reference.
Metric ter_metric(const TercomOptions& options);

}  // namespace attn
