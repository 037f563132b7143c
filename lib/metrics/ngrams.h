// N-grams and how often they occur: what BLEU and chrF are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace attn {

// A sentence as a string of symbols: its characters, or the numbers of its words. An n-gram is a
// part of it. Numbers words: equal words, in any sentence given to the same object, equal symbols.
class WordSymbols {
 public:
  std::u32string operator()(const std::vector<std::u32string>& words);

 private:
  std::unordered_map<std::u32string, char32_t> numbers_;
};

// Views into the sentence that was counted: it must outlive them.
using NgramCounts = std::unordered_map<std::u32string_view, std::int64_t>;

NgramCounts count_ngrams(std::u32string_view sentence, std::size_t n);

// How many n-grams of length n a sentence has.
std::int64_t ngram_total(std::u32string_view sentence, std::size_t n);

// Σ over n-grams of the smaller of the two counts.
std::int64_t matched(const NgramCounts& hypothesis, const NgramCounts& reference);

}  // namespace attn
