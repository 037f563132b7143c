// What the weights of a translation tell of it, without a reference.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "alignment/alignment.h"
#include "base/json.h"

namespace attn {

// Of one pair, in words. Links are hard_links; ends of sentence and separators are no words.
struct Diagnostics {
  double entropy = 0;                  // mean of the rows, in bits, the ends of sentence counted
  std::vector<int> fertility;          // links of each source word
  std::vector<double> attention_mass;  // of each source word the sum of its weights
  std::vector<int> unseen;             // source words of which that is less than kMinAttention
  std::vector<int> repeated;  // target words said before, and linked to the same source word
  int target_words = 0;
  int pairs = 0;    // of neighboring target words that are both linked
  int forward = 0;  // of these, those whose second link does not go back

  // The part of the source words that have a link; 1 if there are none.
  double coverage() const;
  double monotonicity() const;  // forward / pairs; 1 if there are none
};

// A source word with less than this of all target words' weights counts as never attention_mass at.
inline constexpr double kMinAttention = 0.1;

Diagnostics diagnose(const Alignment& words);

// The same of a text: entropy is the mean over its sentences, fertility that over its source words,
// the rest are parts of all words and pairs. Sentences of no words at all do not count.
struct DiagnosticsSummary {
  double entropy = 0, coverage = 1, fertility = 0, monotonicity = 1, unseen = 0, repeated = 0;
};
DiagnosticsSummary summarize(std::span<const Diagnostics> all);
Json to_json(const DiagnosticsSummary& summary);

// {"entropy", "coverage", "monotonicity", "fertility", "attention_mass", "unseen", "repeated"}, the
// last two as words.
Json to_json(const Diagnostics& diagnostics, const Alignment& words);

}  // namespace attn
