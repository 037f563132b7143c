// A translation found by search, and its score:
//   log p(y | x) / lp(y) + β Σ_i ln min(Σ_j α_ji, 1),   lp(y) = |y|^α or ((5 + |y|) / 6)^α
// α_ji is the attention of target word j to source word i, averaged over the maps, and |y| includes
// the end of sentence (Wu et al. 2016, eq. 14).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/registry.h"
#include "math/types.h"
#include "search/scorer.h"

namespace attn {

struct Hypothesis {
  Ids words;  // without the end of sentence
  double log_prob = 0;
  double score = 0;
  // Ends with the end of sentence. Otherwise it was truncated, or no next word was possible.
  bool finished = false;
  // Log-probability of each step, including the end of sentence.
  std::vector<double> word_log_probs;
  std::vector<Mat> attention;  // [source positions × steps] of each map; empty without attention
};

using Nbest = std::vector<Hypothesis>;

// Returns whether the translation of source i is still wanted. A search asks in each step. When it
// is not, the search for this source ends, with unfinished hypotheses.
using IsWanted = std::function<bool(std::size_t i)>;

// lp(y): |y|^α or ((5 + |y|) / 6)^α.
enum class LengthPenalty { power, wu };
// Returns the table of all length penalties.
const Registry<LengthPenalty>& length_penalties();

struct ScoringFunction {
  double length_penalty_alpha = 1;  // α, at least 0; 0: no length penalty
  LengthPenalty length_penalty = LengthPenalty::power;
  double coverage_penalty = 0;  // β, at least 0

  // Returns log p / lp for a hypothesis of `steps` steps: an upper bound of its score.
  double normalized(double log_prob, int steps) const;
  // Returns the score. attention_mass[i] is Σ_j α_ji; empty without attention.
  double score(double log_prob, int steps, std::span<const Real> attention_mass) const;
};

// Lower bound of a source word's attention mass in the coverage penalty. Without it, all hypotheses
// that do not attend to some word would have the score -inf, because a normalizer such as sparsemax
// gives weights of 0.
inline constexpr double kMinAttentionMass = 1e-4;

}  // namespace attn
