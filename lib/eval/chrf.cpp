#include "eval/chrf.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "eval/ngrams.h"
#include "eval/tokenize.h"

namespace attn {
namespace {

constexpr int kCharacterOrder = 6;
constexpr double kBeta = 2;

using Words = std::vector<std::u32string>;

struct Symbols {
  std::u32string characters, words;
};

// chrF++'s own words: of each, one mark of ASCII punctuation is split off, behind it or else before
// it.
Words split_marks(const Words& words) {
  const auto is_mark = [](char32_t c) {
    return std::u32string_view(U"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").find(c) !=
           std::u32string_view::npos;
  };
  Words out;
  for (const auto& word : words) {
    std::size_t cut = 0;
    if (word.size() > 1)
      cut = is_mark(word.back()) ? word.size() - 1 : is_mark(word.front()) ? 1 : 0;
    if (cut > 0) out.push_back(word.substr(0, cut));
    out.push_back(word.substr(cut));
  }
  return out;
}

Symbols read(std::string_view line, const ChrfOptions& options, WordSymbols& word_symbols) {
  const auto text = to_code_points(options.lowercase ? lowercase(line) : std::string(line));
  const Words words = split_white_space(text);
  Symbols out;
  for (const auto& word : words) out.characters += word;
  if (options.word_order > 0) out.words = word_symbols(split_marks(words));
  return out;
}

// An order that the reference doesn't have counts nothing of the hypothesis.
ChrfCounts compare(std::u32string_view hypothesis, std::u32string_view reference, std::size_t n) {
  ChrfCounts counts;
  counts.reference = ngram_total(reference, n);
  if (counts.reference == 0) return counts;
  counts.hypothesis = ngram_total(hypothesis, n);
  counts.matched = matched(count_ngrams(hypothesis, n), count_ngrams(reference, n));
  return counts;
}

ChrfStatistics compare(const Symbols& hypothesis, const Symbols& reference, int word_order) {
  ChrfStatistics out;
  for (int n = 1; n <= kCharacterOrder; ++n)
    out.orders.push_back(
        compare(hypothesis.characters, reference.characters, static_cast<std::size_t>(n)));
  for (int n = 1; n <= word_order; ++n)
    out.orders.push_back(compare(hypothesis.words, reference.words, static_cast<std::size_t>(n)));
  return out;
}

ChrfStatistics best_match(std::string_view hypothesis,
                          const std::vector<std::string_view>& references,
                          const ChrfOptions& options) {
  WordSymbols word_symbols;
  const Symbols ours = read(hypothesis, options, word_symbols);
  ChrfStatistics best;
  double best_score = -1;
  for (const std::string_view reference : references) {
    ChrfStatistics here = compare(ours, read(reference, options, word_symbols), options.word_order);
    const double score = chrf_score(here);
    if (score > best_score) best = std::move(here), best_score = score;
  }
  return best;
}

}  // namespace

ChrfStatistics& ChrfStatistics::operator+=(const ChrfStatistics& other) {
  orders.resize(std::max(orders.size(), other.orders.size()));
  for (std::size_t i = 0; i < other.orders.size(); ++i) {
    orders[i].hypothesis += other.orders[i].hypothesis;
    orders[i].reference += other.orders[i].reference;
    orders[i].matched += other.orders[i].matched;
  }
  return *this;
}

std::vector<ChrfStatistics> chrf_statistics(const std::vector<std::string>& hypotheses,
                                            const References& references,
                                            const ChrfOptions& options) {
  const auto by_line = references_by_line(hypotheses, references);
  std::vector<ChrfStatistics> out;
  for (std::size_t line = 0; line < hypotheses.size(); ++line)
    out.push_back(best_match(hypotheses[line], by_line[line], options));
  return out;
}

double chrf_score(const ChrfStatistics& sum) {
  double precision = 0, recall = 0, orders = 0;
  for (const auto& [hypothesis, reference, matched] : sum.orders) {
    if (hypothesis == 0 || reference == 0) continue;
    precision += static_cast<double>(matched) / static_cast<double>(hypothesis);
    recall += static_cast<double>(matched) / static_cast<double>(reference);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + kBeta * kBeta) * precision * recall / (kBeta * kBeta * precision + recall);
}

double chrf(const std::vector<std::string>& hypotheses, const References& references,
            const ChrfOptions& options) {
  ChrfStatistics sum;
  for (const auto& statistics : chrf_statistics(hypotheses, references, options)) sum += statistics;
  return chrf_score(sum);
}

std::string chrf_signature(const ChrfOptions& options, const References& references,
                           const std::string& version) {
  return "nrefs:" + references_per_line(references) +
         "|case:" + (options.lowercase ? "lc" : "mixed") +
         "|eff:yes|nc:" + std::to_string(kCharacterOrder) +
         "|nw:" + std::to_string(options.word_order) + "|space:no|version:" + version;
}

}  // namespace attn
