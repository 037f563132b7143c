// chrF (Popović 2015) and chrF++ (Popović 2017), the corpus score as sacreBLEU has it (Post 2018):
//   chrF = (1 + β²) P R / (β² P + R),   β = 2
// P and R: matched n-grams over those of the hypothesis and of the reference, the mean over the
// orders that both sides have: characters 1 … 6 without white space, and for chrF++ words 1 … 2. In
// percent. Of several references each line takes the one that gives it the best score.
#pragma once

#include "metrics/metric.h"

namespace attn {

struct ChrfOptions {
  int word_order = 0;  // 2: chrF++
  bool lowercase = false;
};

// Its statistics: for each order, characters before words, the n-grams of the hypothesis, of the
// reference, and the matched.
Metric chrf_metric(const ChrfOptions& options);

}  // namespace attn
