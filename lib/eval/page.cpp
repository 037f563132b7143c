#include "eval/page.h"

#include <utility>

#include "eval/html_page.h"

namespace attn {
namespace {

constexpr double kScale = 10000;

// The mean, called `name`, and each head.
void add_matrices(const Alignment& pieces, const std::string& name, const std::string& of,
                  Json& out) {
  out.push_back({{"name", name}, {"weights", whole_numbers(pieces.weights, kScale)}});
  for (std::size_t head = 0; head < pieces.heads.size(); ++head)
    out.push_back({{"name", of + "head " + std::to_string(head + 1)},
                   {"weights", whole_numbers(pieces.heads[head], kScale)}});
}

Json source_of(const AlignedPair& pair) {
  Json json = page_source(pair);
  std::size_t number = 0;
  for (const Alignment& layer : pair.encoder) {
    const std::string name = "encoder, layer " + std::to_string(++number);
    add_matrices(layer, name + (layer.heads.empty() ? "" : ", mean"), name + ", ",
                 json["matrices"]);
  }
  return json;
}

Json target_of(const AlignedPair& pair) {
  Json json = page_target(pair);
  json["name"] = pair.name;
  json["log_prob"] = pair.log_prob;
  json["entropy"] = mean_entropy(pair.pieces.weights);
  json["links"] = to_json(links_of(pair));
  if (pair.chrf) json["chrf"] = *pair.chrf;
  if (pair.gold) {
    json["aer"] = alignment_error(pair);
    json["gold"] = {{"sure", to_json(pair.gold->sure)}, {"possible", to_json(pair.gold->possible)}};
  }
  add_matrices(pair.pieces, pair.pieces.heads.empty() ? "attention" : "mean of the heads", "",
               json["matrices"]);
  return json;
}

Json page_data(const std::vector<AlignedPair>& pairs, const std::string& title) {
  Json sentences = Json::array();
  for (const AlignedPair& pair : pairs) {
    if (sentences.empty() || sentences.back()["line"] != pair.line)
      sentences.push_back(
          {{"line", pair.line}, {"source", source_of(pair)}, {"targets", Json::array()}});
    sentences.back()["targets"].push_back(target_of(pair));
  }
  return {{"title", title}, {"scale", kScale}, {"sentences", std::move(sentences)}};
}

}  // namespace

std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title) {
  return html_page(kHeatmapPage, to_line(page_data(pairs, title)));
}

}  // namespace attn
