// Restrictions on the hypotheses of a search: a prefix, lengths, no repeated n-grams.
#pragma once

#include <span>
#include <vector>

#include "math/matrix_view.h"
#include "search/scorer.h"

namespace attn {

// Lengths do not count the end of sentence.
struct Constraints {
  int min_length = 0;
  int max_length = 0;           // the end of sentence is forced after this length; 0: never
  double max_length_ratio = 3;  // words per source word, 0 to 1000
  int no_repeat_ngram = 0;      // no n-gram of this size may occur twice; 0: any may
  std::vector<int> forbidden_words = {};  // are never generated

  // Returns whether anything restricts the next word. The ratio does not: it only truncates.
  bool restricts_words() const {
    return min_length > 0 || max_length > 0 || no_repeat_ngram > 0 || !forbidden_words.empty();
  }
};

// Steps that a hypothesis may have beyond the length ratio, including the end of sentence.
inline constexpr int kExtraLength = 5;

// Returns the number of steps after which a hypothesis is truncated: the largest of
// ⌊max_length_ratio · source_words⌋, prefix_words and min_length, plus kExtraLength.
int max_steps(const Constraints& constraints, std::size_t source_words, std::size_t prefix_words);

// Sets the log-probabilities of all words that must not follow the words generated so far to -inf.
// Within the prefix only its next word is possible, and no other constraint applies. `end` is the
// end-of-sentence symbol.
void constrain(const Constraints& constraints, std::span<const int> prefix,
               std::span<const int> generated, int end, Out log_probs);

}  // namespace attn
