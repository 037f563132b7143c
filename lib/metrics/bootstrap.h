// Confidence intervals of scores and significance of score differences by bootstrap resampling
// (Koehn 2004), as in sacreBLEU (Post 2018). A resample of a text of n lines consists of n lines
// that are sampled from it with replacement. The random numbers are those of numpy, so that
// intervals and p-values equal sacreBLEU's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/metric.h"

namespace attn {

struct Resampling {
  int samples = 1000;
  std::int64_t seed = 12345;  // the default of sacreBLEU
};

// Returns the fields of a signature: "bs:1000|seed:12345".
std::string signature_fields(const Resampling& resampling);

// Returns the score of each resample. `lines` are the statistics of each line of the text. The k-th
// resamples of two systems consist of the same lines.
std::vector<double> resampled_scores(const Metric& metric, const std::vector<Statistics>& lines,
                                     const Resampling& resampling);

// The 95% confidence interval mean ± half_width.
struct Interval {
  double mean, half_width;
};

// Returns the mean of the resampled scores, and half the distance between their 2.5% and 97.5%
// quantiles.
Interval interval(std::vector<double> scores);

// Returns the p-value of the difference between the scores of two systems: the probability of a
// difference of at least this size if both systems were equally good. It is estimated from the
// resampled scores of both systems (Riezler and Maxwell 2005).
double p_value(double difference, const std::vector<double>& baseline,
               const std::vector<double>& system);

}  // namespace attn
