// Diagnostics of attention weights. They need no reference.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "alignment/alignment.h"
#include "base/json.h"

namespace attn {

// The diagnostics of one sentence pair. Links are those of hard_links; ends of sentence and
// separators of segments are not words.
struct Diagnostics {
  double entropy = 0;                  // mean_entropy, in bits; includes the end of sentence
  std::vector<int> fertility;          // number of links of each source word
  std::vector<double> attention_mass;  // sum of the weights of each source word
  std::vector<int> unattended;         // source words with a mass below kUnattendedMass
  // Target words that occurred before and were linked to the same source word.
  std::vector<int> repeated;
  int target_words = 0;
  int pairs = 0;    // adjacent target words that are both linked
  int forward = 0;  // pairs whose second link does not go backward in the source

  double aligned_fraction() const;  // fraction of source words with a link; 1 if there are no words
  double monotonicity() const;      // forward / pairs; 1 if there are no pairs
};

inline constexpr double kUnattendedMass = 0.1;

// Returns the diagnostics of an alignment over words.
Diagnostics diagnose(const Alignment& words);

// The diagnostics of a text: `entropy` is the mean over its sentences, `fertility` the mean over
// its source words; the others are fractions of all words or pairs. Sentences without words are
// ignored.
struct DiagnosticsSummary {
  double entropy = 0, aligned_fraction = 1, fertility = 0, monotonicity = 1, unattended = 0,
         repeated = 0;
};
// Returns the diagnostics of a text, given those of its sentence pairs.
DiagnosticsSummary summarize(std::span<const Diagnostics> all);
// Returns an object with the members of the summary.
Json to_json(const DiagnosticsSummary& summary);

// Returns {"entropy", "aligned_fraction", "monotonicity", "fertility", "attention_mass",
// "unattended", "repeated"}, the last two as lists of words.
Json to_json(const Diagnostics& diagnostics, const Alignment& words);

}  // namespace attn
