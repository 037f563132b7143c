#include "eval/page.h"

#include <utility>

#include "eval/html_page.h"

namespace attn {
namespace {

constexpr double kScale = 10000;

Json matrices(const Alignment& pieces) {
  const bool several = !pieces.heads.empty();
  Json out = {{{"name", several ? "mean of the heads" : "attention"},
               {"weights", whole_numbers(pieces.weights, kScale)}}};
  for (std::size_t head = 0; head < pieces.heads.size(); ++head)
    out.push_back({{"name", "head " + std::to_string(head + 1)},
                   {"weights", whole_numbers(pieces.heads[head], kScale)}});
  return out;
}

Json target_of(const AlignedPair& pair) {
  Json json = page_side(pair.pieces.target, pair.target, pair.pieces.target_end);
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
           {"source", page_side(pair.pieces.source, pair.source, pair.pieces.source_end)},
           {"targets", Json::array()}});
    sentences.back()["targets"].push_back(target_of(pair));
  }
  return {{"title", title}, {"scale", kScale}, {"sentences", std::move(sentences)}};
}

}  // namespace

std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title) {
  return html_page(kHeatmapPage, to_line(page_data(pairs, title)));
}

}  // namespace attn
