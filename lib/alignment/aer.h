// Alignment error rate (Och and Ney 2003).
//   AER = 1 − (|A∩S| + |A∩P|) / (|A| + |S|),   precision = |A∩P| / |A|,   recall = |A∩S| / |S|
// A are the links under evaluation; S ⊆ P are the sure and the possible links of the annotators.
// The counts of a text are sums over its sentences.
#pragma once

#include <cstdint>
#include <vector>

#include "alignment/word_alignment.h"

namespace attn {

// The counts of a sentence, or their sums over sentences.
struct AlignmentCounts {
  std::int64_t links = 0, sure = 0, links_sure = 0, links_possible = 0;  // |A|, |S|, |A∩S|, |A∩P|

  AlignmentCounts& operator+=(const AlignmentCounts& other);
};

struct AlignmentScore {
  double error_rate = 0, precision = 1, recall = 1;
};

// Returns the counts of a sentence. Repeated links count once.
AlignmentCounts alignment_counts(const std::vector<Link>& links, const GoldLinks& gold);

// Returns the score. The precision is 1 if there are no links, the recall is 1 if there are no sure
// ones, and the error rate is 0 if there are neither.
AlignmentScore alignment_score(const AlignmentCounts& sum);

// Returns the score of a text, given the links of each sentence. Throws Bug if the numbers of
// sentences differ.
AlignmentScore alignment_score(const std::vector<std::vector<Link>>& links,
                               const std::vector<GoldLinks>& gold);

}  // namespace attn
