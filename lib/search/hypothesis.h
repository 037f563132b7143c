// A translation that a search found, and its score:
//   log p(y | x) / lp(y) + β Σ_i ln min(Σ_j α_ji, 1),   |y| counts the end of sentence
//   lp(y) = |y|^α, or ((5 + |y|) / 6)^α; α_ji: mean of the maps (Wu et al. 2016, eq. 14)
#pragma once

#include <span>
#include <vector>

#include "math/types.h"
#include "search/scorer.h"

namespace attn {

struct Hypothesis {
  Ids words;  // without the end of sentence
  double log_prob = 0;
  double score = 0;
  bool finished = false;               // false: cut at the greatest length, or no word was possible
  std::vector<double> word_log_probs;  // of each step, the end of sentence included
  std::vector<Mat> attention;  // each map [source positions × steps]; empty: the model has none
};

using Nbest = std::vector<Hypothesis>;

struct ScoringFunction {
  enum class LengthPenalty { power, wu };
  double length_penalty_alpha = 1;  // α, at least 0; 0: the plain log-probability
  LengthPenalty length_penalty = LengthPenalty::power;
  double coverage_penalty = 0;  // β, at least 0

  // log p / lp of so many steps; the rest can only lower it.
  double normalized(double log_prob, int steps) const;
  // attention_mass: of each source word the sum of its weights; none: of a model without attention.
  double of(double log_prob, int steps, std::span<const Real> attention_mass) const;
};

// A source word that is never attention_mass at counts as one with this sum of weights: with
// weightings that have zeros, hypotheses could not be compared otherwise.
inline constexpr double kMinCoverage = 1e-4;

}  // namespace attn
