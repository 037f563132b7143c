#include "metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "metrics/ngrams.h"
#include "metrics/tokenize.h"

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

Statistics compare(const std::u32string& hypothesis,
                   const std::vector<std::u32string>& references) {
  const auto length = std::ssize(hypothesis);
  Statistics out = {static_cast<double>(length),
                    static_cast<double>(nearest_length(length, references))};
  for (std::size_t n = 1; n <= kBleuOrder; ++n)
    out.push_back(
        static_cast<double>(matched(count_ngrams(hypothesis, n), most_counts(references, n))));
  for (std::size_t n = 1; n <= kBleuOrder; ++n)
    out.push_back(static_cast<double>(ngram_total(hypothesis, n)));
  return out;
}

double brevity_penalty(const BleuScore& of) {
  if (of.hypothesis_length >= of.reference_length) return 1;
  if (of.hypothesis_length == 0) return 0;
  return std::exp(1 - of.reference_length / of.hypothesis_length);
}

// In percent. Without a single match all are 0; where a hypothesis has no n-grams so long, p_n is
// 0.
std::array<double, kBleuOrder> smoothed_precisions(const BleuScore& of) {
  std::array<double, kBleuOrder> p{};
  if (of.counts[0] == 0) return p;
  double halvings = 1;
  for (std::size_t n = 0; n < kBleuOrder && of.totals[n] > 0; ++n)
    p[n] = 100 * (of.counts[n] > 0 ? of.counts[n] : 1 / (halvings *= 2)) / of.totals[n];
  return p;
}

}  // namespace

Metric bleu_metric(const BleuOptions& options) {
  const auto compare_line = [options](std::string_view hypothesis,
                                      const std::vector<std::string_view>& references) {
    WordSymbols symbols;
    std::vector<std::u32string> truths;
    for (const std::string_view reference : references)
      truths.push_back(symbols(tokens(reference, options)));
    return compare(symbols(tokens(hypothesis, options)), truths);
  };
  return {"BLEU",
          std::string("case:") + case_field(options.lowercase) +
              "|eff:no|tok:" + options.tokenizer + "|smooth:exp",
          compare_line, [](const Statistics& sum) { return bleu_score(sum).score; }};
}

BleuScore bleu_score(const Statistics& sum) {
  BleuScore out;
  out.hypothesis_length = sum.at(0), out.reference_length = sum.at(1);
  for (std::size_t n = 0; n < kBleuOrder; ++n)
    out.counts[n] = sum.at(2 + n), out.totals[n] = sum.at(2 + kBleuOrder + n);
  out.brevity_penalty = brevity_penalty(out);
  out.precisions = smoothed_precisions(out);
  double mean_log = 0;  // of a precision 0: −∞, and the score is 0
  for (const double p : out.precisions) mean_log += std::log(p) / kBleuOrder;
  out.score = out.brevity_penalty * std::exp(mean_log);
  return out;
}

BleuScore bleu(const std::vector<std::string>& hypotheses, const References& references,
               const BleuOptions& options) {
  return bleu_score(sum(line_statistics(bleu_metric(options), hypotheses, references)));
}

}  // namespace attn
