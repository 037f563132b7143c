#include "metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "metrics/ngrams.h"
#include "metrics/tokenize.h"

namespace attn {
namespace {

std::vector<std::u32string> bleu_tokens(std::string_view line, const BleuOptions& options) {
  const BleuTokenizer tokenizer = bleu_tokenizers().at(options.tokenizer);
  return options.lowercase ? tokenize(lowercase(line), tokenizer) : tokenize(line, tokenizer);
}

// Returns the reference length nearest to `length`; of two at the same distance, the shorter one.
std::int64_t nearest_length(std::int64_t length, const std::vector<std::u32string>& references) {
  std::pair<std::int64_t, std::int64_t> best{-1, -1};  // distance, length
  for (const auto& reference : references) {
    const auto candidate = std::ssize(reference);
    const std::pair<std::int64_t, std::int64_t> current{std::abs(length - candidate), candidate};
    if (best.first < 0 || current < best) best = current;
  }
  return best.second;
}

// Returns the maximum count of each n-gram over the references.
NgramCounts max_counts(const std::vector<std::u32string>& references, std::size_t n) {
  NgramCounts max = count_ngrams(references.front(), n);
  for (std::size_t r = 1; r < references.size(); ++r)
    for (const auto& [ngram, count] : count_ngrams(references[r], n)) {
      std::int64_t& max_count = max[ngram];
      max_count = std::max(max_count, count);
    }
  return max;
}

Statistics bleu_statistics(const std::u32string& hypothesis,
                           const std::vector<std::u32string>& references) {
  const auto length = std::ssize(hypothesis);
  Statistics out = {static_cast<double>(length),
                    static_cast<double>(nearest_length(length, references))};
  for (std::size_t n = 1; n <= kBleuOrder; ++n)
    out.push_back(
        static_cast<double>(matched(count_ngrams(hypothesis, n), max_counts(references, n))));
  for (std::size_t n = 1; n <= kBleuOrder; ++n)
    out.push_back(static_cast<double>(ngram_total(hypothesis, n)));
  return out;
}

double brevity_penalty(const BleuScore& bleu) {
  if (bleu.hypothesis_length >= bleu.reference_length) return 1;
  if (bleu.hypothesis_length == 0) return 0;
  return std::exp(1 - bleu.reference_length / bleu.hypothesis_length);
}

// Returns the precisions in percent. All are 0 if no word matches; p_n is 0 if the hypotheses have
// no n-grams of order n.
std::array<double, kBleuOrder> smoothed_precisions(const BleuScore& bleu) {
  std::array<double, kBleuOrder> p{};
  if (bleu.counts[0] == 0) return p;
  double halvings = 1;
  for (std::size_t n = 0; n < kBleuOrder && bleu.totals[n] > 0; ++n)
    p[n] = 100 * (bleu.counts[n] > 0 ? bleu.counts[n] : 1 / (halvings *= 2)) / bleu.totals[n];
  return p;
}

}  // namespace

Metric bleu_metric(const BleuOptions& options) {
  const auto compare_line = [options](std::string_view hypothesis,
                                      const std::vector<std::string_view>& references) {
    WordSymbols symbols;
    std::vector<std::u32string> reference_symbols;
    for (const std::string_view reference : references)
      reference_symbols.push_back(symbols(bleu_tokens(reference, options)));
    return bleu_statistics(symbols(bleu_tokens(hypothesis, options)), reference_symbols);
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
  double mean_log = 0;  // −∞ if a precision is 0, which makes the score 0
  for (const double p : out.precisions) mean_log += std::log(p) / kBleuOrder;
  out.score = out.brevity_penalty * std::exp(mean_log);
  return out;
}

BleuScore bleu(const std::vector<std::string>& hypotheses, const References& references,
               const BleuOptions& options) {
  return bleu_score(sum(line_statistics(bleu_metric(options), hypotheses, references)));
}

}  // namespace attn
