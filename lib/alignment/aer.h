// Alignment error rate (Och and Ney 2003).
//   AER = 1 − (|A∩S| + |A∩P|) / (|A| + |S|),   precision = |A∩P| / |A|,   recall = |A∩S| / |S|
// A: our links; S ⊆ P: the sure and the possible ones of the annotators. Sums run over all
// sentences.
#pragma once

#include <cstdint>
#include <vector>

#include "alignment/word_alignment.h"

namespace attn {

// Of a sentence; sums of them, of a text.
struct AlignmentCounts {
  std::int64_t links = 0, sure = 0, links_sure = 0, links_possible = 0;  // |A|, |S|, |A∩S|, |A∩P|

  AlignmentCounts& operator+=(const AlignmentCounts& other);
};

struct AlignmentScore {
  double error_rate = 0, precision = 1, recall = 1;
};

// A link given twice counts once.
AlignmentCounts alignment_counts(const std::vector<Link>& links, const GoldLinks& gold);

// Of nothing, nothing is wrong and nothing missed: no links give a precision of 1, no sure ones a
// recall of 1.
AlignmentScore alignment_score(const AlignmentCounts& sum);

// Both in one, over the sentences of a text. Bug: different numbers of sentences.
AlignmentScore alignment_score(const std::vector<std::vector<Link>>& links,
                               const std::vector<GoldLinks>& gold);

}  // namespace attn
