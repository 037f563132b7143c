#include "search/hypothesis.h"

#include <algorithm>
#include <cmath>

namespace attn {

double ScoreRule::of_length(double log_prob, int steps) const {
  const double length = std::max(steps, 1);
  const double penalised = length_penalty == LengthPenalty::wu ? (5 + length) / 6 : length;
  return log_prob / std::pow(penalised, length_normalisation);
}

double ScoreRule::of(double log_prob, int steps, std::span<const Real> looked) const {
  double sum = 0;
  for (const Real weights : looked)
    sum += std::log(std::clamp(static_cast<double>(weights), kLeastCoverage, 1.0));
  return of_length(log_prob, steps) + coverage_penalty * sum;
}

}  // namespace attn
