#include "alignment/diagnostics.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace attn {
namespace {

double part(std::size_t some, std::size_t all, double of_none) {
  return all == 0 ? of_none : static_cast<double>(some) / static_cast<double>(all);
}

std::size_t linked_words(const Diagnostics& d) {
  return static_cast<std::size_t>(std::ranges::count_if(d.fertility, [](int n) { return n > 0; }));
}

Json words_at(const std::vector<std::string>& words, const std::vector<int>& places) {
  Json out = Json::array();
  for (const int place : places) out.push_back(words[static_cast<std::size_t>(place)]);
  return out;
}

double six_decimals(double x) {
  return std::round(x * 1e6) / 1e6;
}

// Which tokens of the source are words: the ends of its sentences are none.
std::vector<bool> are_words(const Alignment& words) {
  std::vector<bool> out(static_cast<std::size_t>(words.source_words()), true);
  for (const int end : words.sentences)
    if (end <= words.source_words()) out[static_cast<std::size_t>(end) - 1] = false;
  return out;
}

}  // namespace

double Diagnostics::coverage() const {
  return part(linked_words(*this), fertility.size(), 1);
}
double Diagnostics::monotonicity() const {
  return part(static_cast<std::size_t>(forward), static_cast<std::size_t>(pairs), 1);
}

Diagnostics diagnose(const Alignment& words) {
  Diagnostics out;
  out.entropy = mean_entropy(words.weights);
  out.target_words = words.target_words();
  const std::vector<bool> is_word = are_words(words);
  std::vector<int> links(is_word.size(), 0);
  std::set<std::pair<std::string, int>> said;
  Link before{-1, -2};
  for (const Link& link : hard_links(words)) {
    ++links[static_cast<std::size_t>(link.source)];
    if (!said.emplace(words.target[static_cast<std::size_t>(link.target)], link.source).second)
      out.repeated.push_back(link.target);
    if (link.target == before.target + 1) {
      ++out.pairs;
      out.forward += link.source >= before.source;
    }
    before = link;
  }
  for (std::size_t i = 0; i < is_word.size(); ++i) {
    if (!is_word[i]) continue;
    double sum = 0;
    for (const auto& row : words.weights) sum += row[i];
    out.fertility.push_back(links[i]);
    out.attention_mass.push_back(sum);
    if (sum < kMinAttention) out.unseen.push_back(static_cast<int>(i));
  }
  return out;
}

DiagnosticsSummary summarize(std::span<const Diagnostics> all) {
  std::size_t source = 0, target = 0, linked = 0, unseen = 0, repeated = 0, pairs = 0, forward = 0,
              links = 0, sentences = 0;
  DiagnosticsSummary out;
  for (const Diagnostics& d : all) {
    if (d.fertility.empty() && d.target_words == 0) continue;
    ++sentences, out.entropy += d.entropy;
    for (const int n : d.fertility) links += static_cast<std::size_t>(n);
    source += d.fertility.size(), linked += linked_words(d), unseen += d.unseen.size();
    target += static_cast<std::size_t>(d.target_words), repeated += d.repeated.size();
    pairs += static_cast<std::size_t>(d.pairs), forward += static_cast<std::size_t>(d.forward);
  }
  if (sentences > 0) out.entropy /= static_cast<double>(sentences);
  out.coverage = part(linked, source, 1), out.monotonicity = part(forward, pairs, 1);
  out.fertility = part(links, source, 0);
  out.unseen = part(unseen, source, 0), out.repeated = part(repeated, target, 0);
  return out;
}

Json to_json(const DiagnosticsSummary& s) {
  return {{"entropy", s.entropy},           {"coverage", s.coverage}, {"fertility", s.fertility},
          {"monotonicity", s.monotonicity}, {"unseen", s.unseen},     {"repeated", s.repeated}};
}

Json to_json(const Diagnostics& d, const Alignment& words) {
  Json attention_mass = Json::array();
  for (const double sum : d.attention_mass) attention_mass.push_back(six_decimals(sum));
  return {{"entropy", six_decimals(d.entropy)},
          {"coverage", six_decimals(d.coverage())},
          {"monotonicity", six_decimals(d.monotonicity())},
          {"fertility", d.fertility},
          {"attention_mass", attention_mass},
          {"unseen", words_at(words.source, d.unseen)},
          {"repeated", words_at(words.target, d.repeated)}};
}

}  // namespace attn
