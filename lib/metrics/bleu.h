// BLEU (Papineni, Roukos, Ward and Zhu 2002), computed as in sacreBLEU (Post 2018) for a whole
// text:
//   BLEU = BP · exp(Σ_n log p_n / 4), n = 1 … 4;   BP = exp(1 − r / c) if c < r, else 1
//   p_n = n-grams of the hypothesis that match a reference / n-grams of the hypothesis
// An n-gram matches at most as often as it occurs in one of the references. c is the length of the
// hypothesis, r that of the reference that is nearest in length. The k-th p_n without a match is
// smoothed (exponential smoothing: Chen and Cherry 2014, method 3):
//   p_n = 1 / (2^k · n-grams of the hypothesis)
#pragma once

#include <array>
#include <string>
#include <vector>

#include "metrics/metric.h"

namespace attn {

inline constexpr std::size_t kBleuOrder = 4;

struct BleuOptions {
  std::string tokenizer = "13a";  // a row of bleu_tokenizers()
  bool lowercase = false;
};

struct BleuScore {
  double score = 0, brevity_penalty = 1;               // score in percent
  double hypothesis_length = 0, reference_length = 0;  // in words
  std::array<double, kBleuOrder> counts{}, totals{};   // matched n-grams; n-grams of the hypothesis
  std::array<double, kBleuOrder> precisions{};         // in percent
};

// Returns the metric. Its statistics are the lengths of hypothesis and reference, the counts and
// the totals.
Metric bleu_metric(const BleuOptions& options);

// Returns the score and its components. `sum` is the sum of the statistics of all lines.
BleuScore bleu_score(const Statistics& sum);

// Returns the score of a text. Throws Error as references_by_line does.
BleuScore bleu(const std::vector<std::string>& hypotheses, const References& references,
               const BleuOptions& options);

}  // namespace attn
