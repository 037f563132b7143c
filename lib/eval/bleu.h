// BLEU (Papineni, Roukos, Ward and Zhu 2002), the corpus score as sacreBLEU has it (Post 2018):
//   BLEU = BP · exp(Σ_n log p_n / 4), n = 1 … 4;   BP = exp(1 − r / c) where c < r, else 1
//   p_n = n-grams of the hypothesis found in a reference (no more often than there) / n-grams of
//   the hypothesis
// with c the length of the hypothesis and r that of the reference nearest in length; the k-th p_n
// without a match is 1 / (2^k · n-grams) (exponential smoothing: Chen and Cherry 2014, method 3).
// All in percent.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "eval/references.h"

namespace attn {

inline constexpr std::size_t kBleuOrder = 4;

struct BleuOptions {
  std::string tokenizer = "13a";  // a row of bleu_tokenizers()
  bool lowercase = false;
};

// Of a sentence; sums of them, of a text.
struct BleuStatistics {
  std::int64_t hypothesis_length = 0, reference_length = 0;
  std::array<std::int64_t, kBleuOrder> counts{},
      totals{};  // matched n-grams; n-grams of the hypothesis

  BleuStatistics& operator+=(const BleuStatistics& other);
};

struct BleuScore {
  double score = 0, brevity_penalty = 1;        // score in percent
  std::array<double, kBleuOrder> precisions{};  // in percent
  BleuStatistics statistics;
};

// One element per line. Error: as references_by_line.
std::vector<BleuStatistics> bleu_statistics(const std::vector<std::string>& hypotheses,
                                            const References& references,
                                            const BleuOptions& options);

BleuScore bleu_score(const BleuStatistics& sum);

// Both in one: the score of a text.
BleuScore bleu(const std::vector<std::string>& hypotheses, const References& references,
               const BleuOptions& options);

// All that the score depends on, in sacreBLEU's words; `version` is the program's name and version.
std::string bleu_signature(const BleuOptions& options, const References& references,
                           const std::string& version);

}  // namespace attn
