#include "search/hypothesis.h"

#include <algorithm>
#include <cmath>

namespace attn {

double ScoringFunction::normalized(double log_prob, int steps) const {
  const double length = std::max(steps, 1);
  const double penalised = length_penalty == LengthPenalty::wu ? (5 + length) / 6 : length;
  return log_prob / std::pow(penalised, length_penalty_alpha);
}

double ScoringFunction::of(double log_prob, int steps, std::span<const Real> attention_mass) const {
  double sum = 0;
  for (const Real weights : attention_mass)
    sum += std::log(std::clamp(static_cast<double>(weights), kMinCoverage, 1.0));
  return normalized(log_prob, steps) + coverage_penalty * sum;
}

}  // namespace attn
