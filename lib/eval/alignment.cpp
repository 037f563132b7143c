#include "eval/alignment.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "base/json.h"

namespace attn {

void check(const Alignment& alignment) {
  ATTN_CHECK(alignment.source_words() >= 0 && alignment.target_words() >= 0);
  ATTN_CHECK(alignment.weights.size() == alignment.target.size());
  for (const auto& row : alignment.weights) ATTN_CHECK(row.size() == alignment.source.size());
}

namespace {

std::vector<std::string> tokens(const PieceMap& map, bool has_end) {
  std::vector<std::string> out = map.words;
  if (has_end) out.push_back(kEndOfSentence);
  return out;
}

using Places = std::vector<std::vector<int>>;

// Where each token of `pieces` goes, its end of sentence behind the words.
Places places(const PieceMap& map, const std::vector<std::string>& pieces, bool has_end) {
  const int words = static_cast<int>(map.words.size());
  for (const auto& of_piece : map.words_of)
    for (const int word : of_piece) ATTN_CHECK(word >= 0 && word < words);
  Places out = map.words_of;
  if (has_end) out.push_back({words});
  ATTN_CHECK(out.size() == pieces.size());
  return out;
}

// How many pieces each word has.
std::vector<int> piece_counts(const Places& places, std::size_t words) {
  std::vector<int> counts(words, 0);
  for (const auto& of_piece : places)
    for (const int word : of_piece) ++counts[static_cast<std::size_t>(word)];
  return counts;
}

}  // namespace

Alignment to_words(const Alignment& pieces, const PieceMap& source, const PieceMap& target) {
  check(pieces);
  Alignment words{tokens(source, pieces.source_end),
                  tokens(target, pieces.target_end),
                  {},
                  pieces.source_end,
                  pieces.target_end};
  words.weights.assign(words.target.size(), std::vector<double>(words.source.size(), 0.0));
  const Places columns = places(source, pieces.source, pieces.source_end);
  const Places rows = places(target, pieces.target, pieces.target_end);
  const std::vector<int> counts = piece_counts(rows, words.target.size());
  for (std::size_t j = 0; j < rows.size(); ++j)
    for (const int word : rows[j]) {
      std::vector<double>& out = words.weights[static_cast<std::size_t>(word)];
      for (std::size_t i = 0; i < columns.size(); ++i)
        for (const int at : columns[i])
          out[static_cast<std::size_t>(at)] += pieces.weights[j][i] /
                                               static_cast<double>(columns[i].size()) /
                                               counts[static_cast<std::size_t>(word)];
    }
  return words;
}

std::vector<Link> hard_links(const Alignment& words) {
  check(words);
  std::vector<Link> links;
  for (int j = 0; j < words.target_words(); ++j) {
    const auto begin = words.weights[static_cast<std::size_t>(j)].begin();
    const auto end = begin + words.source_words();
    const auto best = std::max_element(begin, end);
    if (best != end && *best > 0) links.push_back({static_cast<int>(best - begin), j});
  }
  return links;
}

std::string to_json_line(const Alignment& alignment, const std::vector<Link>& links,
                         std::optional<std::size_t> line) {
  check(alignment);
  Json weights = Json::array(), pairs = Json::array();
  for (const auto& row : alignment.weights) {
    weights.push_back(Json::array());
    for (const double weight : row) weights.back().push_back(std::round(weight * 1e6) / 1e6);
  }
  for (const Link& link : links) pairs.push_back({link.source, link.target});
  Json json = line ? Json{{"line", *line}} : Json::object();
  json.update(
      {{"source", alignment.source},
       {"target", alignment.target},
       {"weights", weights},
       {"links", pairs},
       {"end_of_sentence", {{"source", alignment.source_end}, {"target", alignment.target_end}}}});
  return to_line(json);
}

}  // namespace attn
