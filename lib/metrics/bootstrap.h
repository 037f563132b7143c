// How sure a score is, and the difference of two: bootstrap resampling (Koehn 2004), the same
// procedure as sacreBLEU's (Post 2018). A resample of a text is as many lines of it, drawn with
// replacement. Its random numbers are numpy's, so that intervals and p-values are sacreBLEU's too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/metric.h"

namespace attn {

struct Resampling {
  int samples = 1000;
  std::int64_t seed = 12345;  // sacreBLEU's
};

// For a signature: "bs:1000|seed:12345".
std::string signature_fields(const Resampling& resampling);

// The score of each resample. Those of two systems have the same lines in the same resample.
std::vector<double> resampled_scores(const Metric& metric, const std::vector<Statistics>& lines,
                                     const Resampling& resampling);

// 95% of the scores lie between mean − half_width and mean + half_width, if they lie evenly.
struct Interval {
  double mean, half_width;
};
Interval interval(std::vector<double> scores);

// Of the difference between the scores of two systems: how likely one so large would be if both
// were equally good. From their resampled scores, as by Riezler and Maxwell (2005).
double p_value(double difference, const std::vector<double>& baseline,
               const std::vector<double>& system);

}  // namespace attn
