#include "alignment/alignment.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "base/error.h"
#include "base/index_span.h"

namespace attn {

void check(const Alignment& alignment) {
  ATTN_CHECK(alignment.source_words() >= 0 && alignment.target_words() >= 0);
  const auto fits = [&](const AttentionWeights& weights) {
    return weights.size() == alignment.target.size() &&
           std::all_of(weights.begin(), weights.end(),
                       [&](const auto& row) { return row.size() == alignment.source.size(); });
  };
  ATTN_CHECK(fits(alignment.weights));
  const auto& ends = alignment.segment_ends;
  ATTN_CHECK(std::is_sorted(ends.begin(), ends.end()));
  ATTN_CHECK(ends.empty() || ends.back() == static_cast<int>(alignment.source.size()));
  ATTN_CHECK(std::all_of(alignment.heads.begin(), alignment.heads.end(), fits));
}

namespace {

std::vector<std::string> word_tokens(const PieceMap& map, bool has_end) {
  std::vector<std::string> out = map.words;
  if (has_end) out.push_back(kEndOfSentence);
  return out;
}

using WordIndices = std::vector<std::vector<int>>;

// Returns the indices of the words of each token in `pieces`. The index of the end of sentence is
// the number of words.
WordIndices word_indices(const PieceMap& map, const std::vector<std::string>& pieces,
                         bool has_end) {
  const int words = static_cast<int>(map.words.size());
  for (const auto& piece_words : map.words_of)
    for (const int word : piece_words) ATTN_CHECK(word >= 0 && word < words);
  WordIndices out = map.words_of;
  if (has_end) out.push_back({words});
  ATTN_CHECK(out.size() == pieces.size());
  return out;
}

// Returns whether the word is the last one of a segment that is not the last segment.
bool is_separator(const Alignment& words, int word) {
  const auto& ends = words.segment_ends;
  return !ends.empty() && std::find(ends.begin(), ends.end() - 1, word + 1) != ends.end() - 1;
}

// Returns the number of pieces of each word.
std::vector<int> piece_counts(const WordIndices& indices, std::size_t words) {
  std::vector<int> counts(words, 0);
  for (const auto& piece_words : indices)
    for (const int word : piece_words) ++IndexSpan(counts)[word];
  return counts;
}

}  // namespace

Alignment to_words(const Alignment& pieces, const PieceMap& source, const PieceMap& target) {
  check(pieces);
  Alignment words{word_tokens(source, pieces.source_end),
                  word_tokens(target, pieces.target_end),
                  {},
                  pieces.source_end,
                  pieces.target_end};
  const WordIndices columns = word_indices(source, pieces.source, pieces.source_end);
  const WordIndices rows = word_indices(target, pieces.target, pieces.target_end);
  const std::vector<int> counts = piece_counts(rows, words.target.size());
  const auto over_words = [&](const AttentionWeights& weights) {
    AttentionWeights out(words.target.size(), std::vector<double>(words.source.size(), 0.0));
    for (std::size_t j = 0; j < rows.size(); ++j)
      for (const int word : rows[j]) {
        const IndexSpan<double> out_row = IndexSpan(out)[word];
        const int count = IndexSpan(counts)[word];
        for (std::size_t i = 0; i < columns.size(); ++i)
          for (const int source_word : columns[i])
            out_row[source_word] += weights[j][i] / static_cast<double>(columns[i].size()) / count;
      }
    return out;
  };
  words.weights = over_words(pieces.weights);
  for (const AttentionWeights& head : pieces.heads) words.heads.push_back(over_words(head));
  words.segment_ends = pieces.segment_ends;
  // One past the separator or, for the last segment, past all words.
  for (int& end : words.segment_ends)
    end = end == pieces.segment_ends.back() ? static_cast<int>(words.source.size())
                                            : IndexSpan(columns)[end - 1].at(0) + 1;
  return words;
}

std::vector<Link> hard_links(const Alignment& words) {
  check(words);
  const IndexSpan weights(words.weights);
  std::vector<Link> links;
  for (int j = 0; j < words.target_words(); ++j) {
    const IndexSpan row(weights[j]);
    int best = -1;
    double largest = 0;
    for (int i = 0; i < words.source_words(); ++i)
      if (row[i] > largest && !is_separator(words, i)) best = i, largest = row[i];
    if (best >= 0) links.push_back({best, j});
  }
  return links;
}

AttentionWeights segment_weights(const Alignment& alignment) {
  AttentionWeights out;
  for (const auto& row : alignment.weights) {
    out.emplace_back();
    auto begin = row.begin();
    for (const int end : alignment.segment_ends) {
      out.back().push_back(std::accumulate(begin, row.begin() + end, 0.0));
      begin = row.begin() + end;
    }
  }
  return out;
}

namespace {

// Returns the first word of a segment. Leading separators, which end empty segments, are skipped.
const std::string& first_word(const Alignment& words, int begin, int end) {
  const IndexSpan source(words.source);
  const bool has_separators = words.segment_ends.size() > 1;
  while (has_separators && begin + 1 < end &&
         source[begin] == source[words.segment_ends.front() - 1])
    ++begin;
  return source[begin];
}

}  // namespace

std::vector<std::string> segment_names(const Alignment& words) {
  std::vector<std::string> names;
  int begin = 0;
  for (const int end : words.segment_ends) {
    names.push_back(std::to_string(names.size() + 1) + ". " + first_word(words, begin, end) + " …");
    begin = end;
  }
  return names;
}

double mean_entropy(const AttentionWeights& weights) {
  double sum = 0;
  for (const auto& row : weights) {
    const double total = std::accumulate(row.begin(), row.end(), 0.0);
    for (const double weight : row)
      if (weight > 0) sum -= weight / total * std::log2(weight / total);
  }
  return weights.empty() ? 0 : sum / static_cast<double>(weights.size());
}

Json to_json(const AttentionWeights& weights) {
  Json out = Json::array();
  for (const auto& row : weights) {
    out.push_back(Json::array());
    for (const double weight : row) out.back().push_back(std::round(weight * 1e6) / 1e6);
  }
  return out;
}

Json to_json(const std::vector<Link>& links) {
  Json out = Json::array();
  for (const Link& link : links) out.push_back({link.source, link.target});
  return out;
}

Json to_json(const Alignment& alignment, const std::vector<Link>& links) {
  check(alignment);
  Json json = {
      {"source", alignment.source},
      {"target", alignment.target},
      {"weights", to_json(alignment.weights)},
      {"links", to_json(links)},
      {"end_of_sentence", {{"source", alignment.source_end}, {"target", alignment.target_end}}}};
  for (const AttentionWeights& head : alignment.heads) json["heads"].push_back(to_json(head));
  int begin = 0;
  for (const int end : alignment.segment_ends) {
    json["segments"].push_back({begin, end});
    begin = end;
  }
  if (!alignment.segment_ends.empty())
    json["segment_weights"] = to_json(segment_weights(alignment));
  return json;
}

std::string to_json_line(const Alignment& alignment, const std::vector<Link>& links,
                         std::optional<std::size_t> line) {
  Json json = line ? Json{{"line", *line}} : Json::object();
  json.update(to_json(alignment, links));
  return to_line(json);
}

}  // namespace attn
