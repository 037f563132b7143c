// N-gram counts, from which BLEU and chrF are computed. A sentence is a string of symbols, which
// are its characters or the ids of its words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attn {

// Encodes words as symbols. Equal words get equal symbols in all sentences that one object encodes.
class WordSymbols {
 public:
  // Returns one symbol per word.
  std::u32string operator()(const std::vector<std::u32string>& words);

 private:
  std::unordered_map<std::u32string, char32_t> ids_;
};

// Counts by n-gram. The keys are views into the counted sentence, which must outlive them.
using NgramCounts = std::unordered_map<std::u32string_view, std::int64_t>;

// Returns the counts of the n-grams of order n in a sentence.
NgramCounts count_ngrams(std::u32string_view sentence, std::size_t n);

// Returns the number of n-grams of order n in a sentence.
std::int64_t ngram_total(std::u32string_view sentence, std::size_t n);

// Returns the number of matched n-grams: Σ over n-grams of the smaller of the two counts.
std::int64_t matched(const NgramCounts& hypothesis, const NgramCounts& reference);

}  // namespace attn
