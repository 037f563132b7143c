#include "eval/page.h"

#include <cmath>
#include <utility>

#include "base/error.h"
#include "eval/page_template.h"

namespace attn {
namespace {

constexpr double kScale = 10000;

// Row by row.
Json whole_numbers(const Weights& weights) {
  Json out = Json::array();
  for (const auto& row : weights)
    for (const double weight : row) out.push_back(std::lround(weight * kScale));
  return out;
}

Json side(const std::vector<std::string>& pieces, const PieceMap& map, bool has_end) {
  return {{"words", map.words}, {"pieces", pieces}, {"of", map.words_of}, {"end", has_end}};
}

Json matrices(const Alignment& pieces) {
  const bool several = !pieces.heads.empty();
  Json out = {{{"name", several ? "mean of the heads" : "attention"},
               {"weights", whole_numbers(pieces.weights)}}};
  for (std::size_t head = 0; head < pieces.heads.size(); ++head)
    out.push_back({{"name", "head " + std::to_string(head + 1)},
                   {"weights", whole_numbers(pieces.heads[head])}});
  return out;
}

Json target_of(const AlignedPair& pair) {
  Json json = side(pair.pieces.target, pair.target, pair.pieces.target_end);
  json["name"] = pair.name;
  json["log_prob"] = pair.log_prob;
  json["entropy"] = mean_entropy(pair.pieces.weights);
  json["links"] = to_json(hard_links(words_of(pair)));
  if (pair.chrf) json["chrf"] = *pair.chrf;
  if (pair.gold) {
    json["aer"] = alignment_error(pair);
    json["gold"] = {{"sure", to_json(pair.gold->sure)}, {"possible", to_json(pair.gold->possible)}};
  }
  json["matrices"] = matrices(pair.pieces);
  return json;
}

Json page_data(const std::vector<AlignedPair>& pairs, const std::string& title) {
  Json sentences = Json::array();
  for (const AlignedPair& pair : pairs) {
    if (sentences.empty() || sentences.back()["line"] != pair.line)
      sentences.push_back(
          {{"line", pair.line},
           {"source", side(pair.pieces.source, pair.source, pair.pieces.source_end)},
           {"targets", Json::array()}});
    sentences.back()["targets"].push_back(target_of(pair));
  }
  return {{"title", title}, {"scale", kScale}, {"sentences", std::move(sentences)}};
}

// No text may end the script element that holds it: JSON knows another way to write "<".
std::string inside_script(const Json& json) {
  std::string out;
  for (const char c : to_line(json))
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

void put(std::string& page, const std::string& mark, const std::string& content) {
  const auto at = page.find(mark);
  ATTN_CHECK(at != std::string::npos);
  page.replace(at, mark.size(), content);
}

}  // namespace

std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title) {
  std::string page = kPageHtml;
  put(page, "/* page.css */", kPageCss);
  put(page, "/* page.js */", kPageJs);
  put(page, "/* data */", inside_script(page_data(pairs, title)));  // the last: may hold any text
  return page;
}

}  // namespace attn
