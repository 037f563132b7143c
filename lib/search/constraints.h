// What a hypothesis must say and must not say.
#pragma once

#include <span>

#include "math/types.h"
#include "search/scorer.h"

namespace attn {

// Words are counted without the end of sentence.
struct Constraints {
  int min_length = 0;
  int max_length = 0;           // where a hypothesis is ended; 0: nowhere
  double max_length_ratio = 3;  // words per source word, 0 to 1000
  int no_repeat_ngram = 0;      // no run of so many words comes twice; 0: any may

  // Whether anything but the ratio constraints the words.
  bool any() const { return min_length > 0 || max_length > 0 || no_repeat_ngram > 0; }
};

// Words that a hypothesis may have beyond the ratio, end of sentence included.
inline constexpr int kExtraLength = 5;

// Steps after which a hypothesis is cut: ⌊ratio · source words⌋, or what the prefix and the least
// length need, + kExtraLength.
int max_steps(const Constraints& constraints, std::size_t source_words, std::size_t prefix_words);

// Makes impossible (-inf) what may not follow the words generated: within the prefix all but its
// next word; then the end of sentence, all else, or the last word of a repeated run. Of a
// hypothesis that is in its prefix nothing else is asked.
void limit(const Constraints& constraints, std::span<const int> prefix,
           std::span<const int> generated, int end, Out log_probs);

}  // namespace attn
