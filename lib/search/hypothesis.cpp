#include "search/hypothesis.h"

#include <algorithm>
#include <cmath>

namespace attn {

const Registry<LengthPenalty>& length_penalties() {
  static const Registry<LengthPenalty> table = {
      {"power", "|y|^α", LengthPenalty::power},
      {"wu", "((5 + |y|) / 6)^α (Wu et al. 2016, eq. 14)", LengthPenalty::wu},
  };
  return table;
}

double ScoringFunction::normalized(double log_prob, int steps) const {
  const double length = std::max(steps, 1);
  const double base = length_penalty == LengthPenalty::wu ? (5 + length) / 6 : length;
  return log_prob / std::pow(base, length_penalty_alpha);
}

double ScoringFunction::score(double log_prob, int steps,
                              std::span<const Real> attention_mass) const {
  double sum = 0;
  for (const Real mass : attention_mass)
    sum += std::log(std::clamp(static_cast<double>(mass), kMinAttentionMass, 1.0));
  return normalized(log_prob, steps) + coverage_penalty * sum;
}

}  // namespace attn
