#include "metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "metrics/numpy_random.h"

namespace attn {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::string signature_fields(const Resampling& resampling) {
  return "bs:" + std::to_string(resampling.samples) + "|seed:" + std::to_string(resampling.seed);
}

std::vector<double> resampled_scores(const Metric& metric, const std::vector<Statistics>& lines,
                                     const Resampling& resampling) {
  ATTN_CHECK(!lines.empty() && resampling.samples > 0);
  NumpyRandom random(static_cast<std::uint64_t>(resampling.seed));
  std::vector<double> scores;
  for (int sample = 0; sample < resampling.samples; ++sample) {
    Statistics sum(lines[0].size());
    for (std::size_t draw = 0; draw < lines.size(); ++draw) {
      const Statistics& line = lines[random.below(static_cast<std::uint32_t>(lines.size()))];
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += line[i];
    }
    scores.push_back(metric.score(sum));
  }
  return scores;
}

Interval interval(std::vector<double> scores) {
  std::sort(scores.begin(), scores.end());
  const std::size_t cut = scores.size() / 40;
  return {mean(scores), (scores[scores.size() - 1 - cut] - scores[cut]) / 2};
}

// The score differences of the resamples are centered on their mean. After the mean is subtracted,
// they are distributed as if the systems were equally good.
double p_value(double difference, const std::vector<double>& baseline,
               const std::vector<double>& system) {
  std::vector<double> differences;
  for (std::size_t i = 0; i < baseline.size(); ++i)
    differences.push_back(std::abs(system[i] - baseline[i]));
  const double expected = mean(differences);
  const auto larger = std::count_if(differences.begin(), differences.end(),
                                    [&](double d) { return d - expected > std::abs(difference); });
  return static_cast<double>(larger + 1) / static_cast<double>(differences.size() + 1);
}

}  // namespace attn
