#include "alignment/diagnostics.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/index_span.h"

namespace attn {
namespace {

// Returns count / total, or `if_empty` if the total is 0.
double fraction(Index count, Index total, double if_empty) {
  return total == 0 ? if_empty : static_cast<double>(count) / static_cast<double>(total);
}

Index linked_words(const Diagnostics& d) {
  return std::ranges::count_if(d.fertility, [](int n) { return n > 0; });
}

Json words_at(const std::vector<std::string>& words, const std::vector<int>& positions) {
  Json out = Json::array();
  for (const int position : positions) out.push_back(IndexSpan(words)[position]);
  return out;
}

double six_decimals(double x) {
  return std::round(x * 1e6) / 1e6;
}

// Returns whether token i of the source, which is not the end of sentence, is a separator.
bool ends_segment(const Alignment& words, int i) {
  return std::ranges::binary_search(words.segment_ends, i + 1);
}

}  // namespace

double Diagnostics::aligned_fraction() const {
  return fraction(linked_words(*this), std::ssize(fertility), 1);
}
double Diagnostics::monotonicity() const {
  return fraction(forward, pairs, 1);
}

Diagnostics diagnose(const Alignment& words) {
  Diagnostics out;
  out.entropy = mean_entropy(words.weights);
  out.target_words = words.target_words();
  std::vector<int> links(words.source.size(), 0);  // of each token of the source
  std::set<std::pair<std::string, int>> seen;      // target word, position of the source word
  Link previous{-1, -2};
  for (const Link& link : hard_links(words)) {
    ++IndexSpan(links)[link.source];
    if (!seen.emplace(IndexSpan(words.target)[link.target], link.source).second)
      out.repeated.push_back(link.target);
    if (link.target == previous.target + 1) {
      ++out.pairs;
      out.forward += link.source >= previous.source;
    }
    previous = link;
  }
  for (int i = 0; i < words.source_words(); ++i) {
    if (ends_segment(words, i)) continue;
    double mass = 0;
    for (const auto& row : words.weights) mass += IndexSpan(row)[i];
    out.fertility.push_back(IndexSpan(links)[i]);
    out.attention_mass.push_back(mass);
    if (mass < kUnattendedMass) out.unattended.push_back(i);
  }
  return out;
}

DiagnosticsSummary summarize(std::span<const Diagnostics> all) {
  Index source = 0, target = 0, linked = 0, unattended = 0, repeated = 0, pairs = 0, forward = 0,
        links = 0, sentences = 0;
  DiagnosticsSummary out;
  for (const Diagnostics& d : all) {
    if (d.fertility.empty() && d.target_words == 0) continue;
    ++sentences, out.entropy += d.entropy;
    for (const int n : d.fertility) links += n;
    source += std::ssize(d.fertility), linked += linked_words(d);
    unattended += std::ssize(d.unattended);
    target += d.target_words, repeated += std::ssize(d.repeated);
    pairs += d.pairs, forward += d.forward;
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
