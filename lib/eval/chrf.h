// chrF (Popović 2015) and chrF++ (Popović 2017), the corpus score as sacreBLEU has it (Post 2018):
//   chrF = (1 + β²) P R / (β² P + R),   β = 2
// P and R: matched n-grams over those of the hypothesis and of the reference, the mean over the
// orders that both sides have: characters 1 … 6 without white space, and for chrF++ words 1 … 2. In
// percent. Of several references each line takes the one that gives it the best score.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/references.h"

namespace attn {

struct ChrfOptions {
  int word_order = 0;  // 2: chrF++
  bool lowercase = false;
};

// N-grams of one order.
struct ChrfCounts {
  std::int64_t hypothesis = 0, reference = 0, matched = 0;
};

// Of a sentence; sums of them, of a text: one element per order, characters before words.
struct ChrfStatistics {
  std::vector<ChrfCounts> orders;

  ChrfStatistics& operator+=(const ChrfStatistics& other);
};

// One element per line. Error: as references_by_line.
std::vector<ChrfStatistics> chrf_statistics(const std::vector<std::string>& hypotheses,
                                            const References& references,
                                            const ChrfOptions& options);

double chrf_score(const ChrfStatistics& sum);

// Both in one: the score of a text.
double chrf(const std::vector<std::string>& hypotheses, const References& references,
            const ChrfOptions& options);

// All that the score depends on, in sacreBLEU's words; `version` is the program's name and version.
std::string chrf_signature(const ChrfOptions& options, const References& references,
                           const std::string& version);

}  // namespace attn
