#include "metrics/chrf.h"

#include <string_view>
#include <utility>

#include "metrics/ngrams.h"
#include "metrics/tokenize.h"

namespace attn {
namespace {

constexpr std::size_t kCharacterOrder = 6;
constexpr double kBeta = 2;

struct Symbols {
  std::u32string characters, words;
};

// Returns the words of chrF++: one ASCII punctuation mark is split off the end of each word, or
// else off its beginning.
std::vector<std::u32string> split_punctuation(const std::vector<std::u32string>& words) {
  const auto is_mark = [](char32_t c) {
    return std::u32string_view(U"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").find(c) !=
           std::u32string_view::npos;
  };
  std::vector<std::u32string> out;
  for (const auto& word : words) {
    std::size_t cut = 0;
    if (word.size() > 1)
      cut = is_mark(word.back()) ? word.size() - 1 : is_mark(word.front()) ? 1 : 0;
    if (cut > 0) out.push_back(word.substr(0, cut));
    out.push_back(word.substr(cut));
  }
  return out;
}

Symbols chrf_symbols(std::string_view line, const ChrfOptions& options, WordSymbols& word_symbols) {
  const auto text = to_code_points(options.lowercase ? lowercase(line) : std::string(line));
  const auto words = split_white_space(text);
  Symbols out;
  for (const auto& word : words) out.characters += word;
  if (options.word_order > 0) out.words = word_symbols(split_punctuation(words));
  return out;
}

// Appends the statistics of one order. The n-grams of the hypothesis count as 0 if the reference
// has none.
void add_order(std::u32string_view hypothesis, std::u32string_view reference, std::size_t n,
               Statistics& out) {
  const auto total = ngram_total(reference, n);
  const auto add = [&out](std::int64_t count) { out.push_back(static_cast<double>(count)); };
  add(total == 0 ? 0 : ngram_total(hypothesis, n));
  add(total);
  add(matched(count_ngrams(hypothesis, n), count_ngrams(reference, n)));
}

Statistics chrf_statistics(const Symbols& hypothesis, const Symbols& reference,
                           std::size_t word_order) {
  Statistics out;
  for (std::size_t n = 1; n <= kCharacterOrder; ++n)
    add_order(hypothesis.characters, reference.characters, n, out);
  for (std::size_t n = 1; n <= word_order; ++n)
    add_order(hypothesis.words, reference.words, n, out);
  return out;
}

double chrf_score(const Statistics& sum) {
  double precision = 0, recall = 0, orders = 0;
  for (std::size_t i = 0; i < sum.size(); i += 3) {
    const double hypothesis = sum[i], reference = sum[i + 1], matches = sum[i + 2];
    if (hypothesis == 0 || reference == 0) continue;
    precision += matches / hypothesis;
    recall += matches / reference;
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + kBeta * kBeta) * precision * recall / (kBeta * kBeta * precision + recall);
}

Statistics best_match(std::string_view hypothesis, const std::vector<std::string_view>& references,
                      const ChrfOptions& options) {
  WordSymbols word_symbols;
  const Symbols hypothesis_symbols = chrf_symbols(hypothesis, options, word_symbols);
  Statistics best;
  for (const std::string_view reference : references) {
    Statistics current = chrf_statistics(
        hypothesis_symbols, chrf_symbols(reference, options, word_symbols), options.word_order);
    if (best.empty() || chrf_score(current) > chrf_score(best)) best = std::move(current);
  }
  return best;
}

}  // namespace

Metric chrf_metric(const ChrfOptions& options) {
  return {options.word_order > 0 ? "chrF++" : "chrF",
          std::string("case:") + case_field(options.lowercase) +
              "|eff:yes|nc:" + std::to_string(kCharacterOrder) +
              "|nw:" + std::to_string(options.word_order) + "|space:no",
          [options](std::string_view hypothesis, const std::vector<std::string_view>& references) {
            return best_match(hypothesis, references, options);
          },
          chrf_score};
}

}  // namespace attn
