#include "alignment/diagnostics.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace attn {
namespace {

// Returns count / total, or `if_empty` if the total is 0.
double fraction(std::size_t count, std::size_t total, double if_empty) {
  return total == 0 ? if_empty : static_cast<double>(count) / static_cast<double>(total);
}

std::size_t linked_words(const Diagnostics& d) {
  return static_cast<std::size_t>(std::ranges::count_if(d.fertility, [](int n) { return n > 0; }));
}

Json words_at(const std::vector<std::string>& words, const std::vector<int>& positions) {
  Json out = Json::array();
  for (const int position : positions) out.push_back(words[static_cast<std::size_t>(position)]);
  return out;
}

double six_decimals(double x) {
  return std::round(x * 1e6) / 1e6;
}

// Returns for each token of the source, without the end of sentence, whether it is a word and not a
// separator.
std::vector<bool> source_word_mask(const Alignment& words) {
  std::vector<bool> out(static_cast<std::size_t>(words.source_words()), true);
  for (const int end : words.segment_ends)
    if (end <= words.source_words()) out[static_cast<std::size_t>(end) - 1] = false;
  return out;
}

}  // namespace

double Diagnostics::aligned_fraction() const {
  return fraction(linked_words(*this), fertility.size(), 1);
}
double Diagnostics::monotonicity() const {
  return fraction(static_cast<std::size_t>(forward), static_cast<std::size_t>(pairs), 1);
}

Diagnostics diagnose(const Alignment& words) {
  Diagnostics out;
  out.entropy = mean_entropy(words.weights);
  out.target_words = words.target_words();
  const std::vector<bool> is_word = source_word_mask(words);
  std::vector<int> links(is_word.size(), 0);
  std::set<std::pair<std::string, int>> seen;  // target word, position of the source word
  Link previous{-1, -2};
  for (const Link& link : hard_links(words)) {
    ++links[static_cast<std::size_t>(link.source)];
    if (!seen.emplace(words.target[static_cast<std::size_t>(link.target)], link.source).second)
      out.repeated.push_back(link.target);
    if (link.target == previous.target + 1) {
      ++out.pairs;
      out.forward += link.source >= previous.source;
    }
    previous = link;
  }
  for (std::size_t i = 0; i < is_word.size(); ++i) {
    if (!is_word[i]) continue;
    double mass = 0;
    for (const auto& row : words.weights) mass += row[i];
    out.fertility.push_back(links[i]);
    out.attention_mass.push_back(mass);
    if (mass < kUnattendedMass) out.unattended.push_back(static_cast<int>(i));
  }
  return out;
}

DiagnosticsSummary summarize(std::span<const Diagnostics> all) {
  std::size_t source = 0, target = 0, linked = 0, unattended = 0, repeated = 0, pairs = 0,
              forward = 0, links = 0, sentences = 0;
  DiagnosticsSummary out;
  for (const Diagnostics& d : all) {
    if (d.fertility.empty() && d.target_words == 0) continue;
    ++sentences, out.entropy += d.entropy;
    for (const int n : d.fertility) links += static_cast<std::size_t>(n);
    source += d.fertility.size(), linked += linked_words(d);
    unattended += d.unattended.size();
    target += static_cast<std::size_t>(d.target_words), repeated += d.repeated.size();
    pairs += static_cast<std::size_t>(d.pairs), forward += static_cast<std::size_t>(d.forward);
  }
  if (sentences > 0) out.entropy /= static_cast<double>(sentences);
  out.aligned_fraction = fraction(linked, source, 1);
  out.monotonicity = fraction(forward, pairs, 1);
  out.fertility = fraction(links, source, 0);
  out.unattended = fraction(unattended, source, 0);
  out.repeated = fraction(repeated, target, 0);
  return out;
}

Json to_json(const DiagnosticsSummary& s) {
  return {{"entropy", s.entropy},       {"aligned_fraction", s.aligned_fraction},
          {"fertility", s.fertility},   {"monotonicity", s.monotonicity},
          {"unattended", s.unattended}, {"repeated", s.repeated}};
}

Json to_json(const Diagnostics& d, const Alignment& words) {
  Json attention_mass = Json::array();
  for (const double mass : d.attention_mass) attention_mass.push_back(six_decimals(mass));
  return {{"entropy", six_decimals(d.entropy)},
          {"aligned_fraction", six_decimals(d.aligned_fraction())},
          {"monotonicity", six_decimals(d.monotonicity())},
          {"fertility", d.fertility},
          {"attention_mass", attention_mass},
          {"unattended", words_at(words.source, d.unattended)},
          {"repeated", words_at(words.target, d.repeated)}};
}

}  // namespace attn
