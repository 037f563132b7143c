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

  // Adds the counts of `other`.
  AlignmentCounts& operator+=(const AlignmentCounts& other);
};

struct AlignmentErrorRate {
  double value = 0, precision = 1, recall = 1;
};

// Returns the counts of a sentence. Repeated links count once.
AlignmentCounts alignment_counts(const std::vector<Link>& links, const GoldLinks& gold);

// Returns the error rate. The precision is 1 if there are no links, the recall is 1 if there are no
// sure ones, and the error rate is 0 if there are neither.
AlignmentErrorRate alignment_error_rate(const AlignmentCounts& sum);

// Returns the error rate of a text, given the links of each sentence. Throws Bug if the numbers of
// sentences differ.
AlignmentErrorRate alignment_error_rate(const std::vector<std::vector<Link>>& links,
                                        const std::vector<GoldLinks>& gold);

}  // namespace attn
