// BLEU (Papineni, Roukos, Ward and Zhu 2002), the corpus score as sacreBLEU has it (Post 2018):
//   BLEU = BP · exp(Σ_n log p_n / 4), n = 1 … 4;   BP = exp(1 − r / c) where c < r, else 1
//   p_n = n-grams of the hypothesis found in a reference (no more often than there) / n-grams of
//   the hypothesis
// with c the length of the hypothesis and r that of the reference nearest in length; the k-th p_n
// without a match is 1 / (2^k · n-grams) (exponential smoothing: Chen and Cherry 2014, method 3).
// All in percent.
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
  double hypothesis_length = 0, reference_length = 0;  // words
  std::array<double, kBleuOrder> counts{}, totals{};   // matched n-grams; n-grams of the hypothesis
  std::array<double, kBleuOrder> precisions{};         // in percent
};

// Its statistics: the lengths of hypothesis and reference, the counts, the totals.
Metric bleu_metric(const BleuOptions& options);

// The score and what it is made of.
BleuScore bleu_score(const Statistics& sum);

// The score of a text. Error: as references_by_line.
BleuScore bleu(const std::vector<std::string>& hypotheses, const References& references,
               const BleuOptions& options);

}  // namespace attn
