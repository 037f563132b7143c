#include "eval/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "eval/ngrams.h"
#include "eval/tokenize.h"

namespace attn {
namespace {

std::vector<std::u32string> tokens(std::string_view line, const BleuOptions& options) {
  const BleuTokenizer tokenizer = bleu_tokenizers().at(options.tokenizer);
  return options.lowercase ? tokenize(lowercase(line), tokenizer) : tokenize(line, tokenizer);
}

// Of two that are equally near, the shorter.
std::int64_t nearest_length(std::int64_t length, const std::vector<std::u32string>& references) {
  std::pair<std::int64_t, std::int64_t> best{-1, -1};  // distance, length
  for (const auto& reference : references) {
    const auto candidate = std::ssize(reference);
    const std::pair<std::int64_t, std::int64_t> here{std::abs(length - candidate), candidate};
    if (best.first < 0 || here < best) best = here;
  }
  return best.second;
}

// Of every n-gram as many as the reference with the most of it has.
NgramCounts most_counts(const std::vector<std::u32string>& references, std::size_t n) {
  NgramCounts most = count_ngrams(references.front(), n);
  for (std::size_t r = 1; r < references.size(); ++r)
    for (const auto& [ngram, count] : count_ngrams(references[r], n)) {
      std::int64_t& here = most[ngram];
      here = std::max(here, count);
    }
  return most;
}

BleuStatistics compare(const std::u32string& hypothesis,
                       const std::vector<std::u32string>& references) {
  BleuStatistics statistics;
  statistics.hypothesis_length = std::ssize(hypothesis);
  statistics.reference_length = nearest_length(statistics.hypothesis_length, references);
  for (std::size_t n = 1; n <= kBleuOrder; ++n) {
    statistics.counts[n - 1] = matched(count_ngrams(hypothesis, n), most_counts(references, n));
    statistics.totals[n - 1] = ngram_total(hypothesis, n);
  }
  return statistics;
}

double brevity_penalty(const BleuStatistics& sum) {
  if (sum.hypothesis_length >= sum.reference_length) return 1;
  if (sum.hypothesis_length == 0) return 0;
  return std::exp(1 - static_cast<double>(sum.reference_length) /
                          static_cast<double>(sum.hypothesis_length));
}

// In percent. Without a single match all are 0; where a hypothesis has no n-grams so long, p_n is
// 0.
std::array<double, kBleuOrder> smoothed_precisions(const BleuStatistics& sum) {
  std::array<double, kBleuOrder> p{};
  if (sum.counts[0] == 0) return p;
  double halvings = 1;
  for (std::size_t n = 0; n < kBleuOrder && sum.totals[n] > 0; ++n) {
    double count = static_cast<double>(sum.counts[n]);
    if (sum.counts[n] == 0) count = 1 / (halvings *= 2);
    p[n] = 100 * count / static_cast<double>(sum.totals[n]);
  }
  return p;
}

}  // namespace

BleuStatistics& BleuStatistics::operator+=(const BleuStatistics& other) {
  hypothesis_length += other.hypothesis_length;
  reference_length += other.reference_length;
  for (std::size_t n = 0; n < kBleuOrder; ++n) {
    counts[n] += other.counts[n];
    totals[n] += other.totals[n];
  }
  return *this;
}

std::vector<BleuStatistics> bleu_statistics(const std::vector<std::string>& hypotheses,
                                            const References& references,
                                            const BleuOptions& options) {
  const auto by_line = references_by_line(hypotheses, references);
  std::vector<BleuStatistics> out;
  for (std::size_t line = 0; line < hypotheses.size(); ++line) {
    WordSymbols symbols;
    std::vector<std::u32string> truths;
    for (const std::string_view reference : by_line[line])
      truths.push_back(symbols(tokens(reference, options)));
    out.push_back(compare(symbols(tokens(hypotheses[line], options)), truths));
  }
  return out;
}

BleuScore bleu_score(const BleuStatistics& sum) {
  BleuScore out;
  out.statistics = sum;
  out.brevity_penalty = brevity_penalty(sum);
  out.precisions = smoothed_precisions(sum);
  double mean_log = 0;  // of a precision 0: −∞, and the score is 0
  for (const double p : out.precisions) mean_log += std::log(p) / kBleuOrder;
  out.score = out.brevity_penalty * std::exp(mean_log);
  return out;
}

BleuScore bleu(const std::vector<std::string>& hypotheses, const References& references,
               const BleuOptions& options) {
  BleuStatistics sum;
  for (const auto& statistics : bleu_statistics(hypotheses, references, options)) sum += statistics;
  return bleu_score(sum);
}

std::string bleu_signature(const BleuOptions& options, const References& references,
                           const std::string& version) {
  return "nrefs:" + references_per_line(references) +
         "|case:" + (options.lowercase ? "lc" : "mixed") + "|eff:no|tok:" + options.tokenizer +
         "|smooth:exp|version:" + version;
}

}  // namespace attn
