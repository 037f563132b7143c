// chrF (Popović 2015) and chrF++ (Popović 2017), computed as in sacreBLEU (Post 2018) for a whole
// text:
//   chrF = (1 + β²) P R / (β² P + R),   β = 2
// P and R are the mean precision and the mean recall of n-grams: the matched n-grams divided by all
// n-grams in the hypothesis and in the reference, respectively. The means run over the orders for
// which both sides have n-grams: characters 1 … 6 without white space and, for chrF++, words 1 … 2.
// With several references, each line uses the one with the best score.
#pragma once

#include "metrics/metric.h"

namespace attn {

struct ChrfOptions {
  std::size_t word_order = 0;  // largest order of word n-grams: 0 for chrF, 2 for chrF++
  bool lowercase = false;
};

// Returns the metric. Its statistics are, for each order, characters before words, the number of
// n-grams of the hypothesis, of the reference, and matched.
Metric chrf_metric(const ChrfOptions& options);

}  // namespace attn
