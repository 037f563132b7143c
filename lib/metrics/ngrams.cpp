#include "metrics/ngrams.h"

#include <algorithm>

namespace attn {

std::u32string WordSymbols::operator()(const std::vector<std::u32string>& words) {
  std::u32string symbols;
  for (const auto& word : words)
    symbols += ids_.try_emplace(word, static_cast<char32_t>(ids_.size())).first->second;
  return symbols;
}

NgramCounts count_ngrams(std::u32string_view sentence, std::size_t n) {
  NgramCounts counts;
  for (std::size_t i = 0; i + n <= sentence.size(); ++i) ++counts[sentence.substr(i, n)];
  return counts;
}

std::int64_t ngram_total(std::u32string_view sentence, std::size_t n) {
  return sentence.size() < n ? 0 : static_cast<std::int64_t>(sentence.size() - n + 1);
}

std::int64_t matched(const NgramCounts& hypothesis, const NgramCounts& reference) {
  std::int64_t sum = 0;
  for (const auto& [ngram, count] : hypothesis) {
    const auto found = reference.find(ngram);
    if (found != reference.end()) sum += std::min(count, found->second);
  }
  return sum;
}

}  // namespace attn
