#include "report/heatmap_page.h"

#include <string>
#include <utility>

#include "report/html_page.h"

namespace attn {
namespace {

Json target_json(const AlignedPair& pair) {
  Json json = page_target(pair);
  json["name"] = pair.name;
  json["log_prob"] = pair.log_prob;
  json["entropy"] = mean_entropy(pair.pieces.weights);
  const std::vector<Link> links = links_of(pair, to_words(pair));
  json["links"] = to_json(links);
  if (pair.combined) json["combined"] = true;
  if (pair.chrf) json["chrf"] = *pair.chrf;
  if (pair.gold) {
    json["aer"] = alignment_error(pair, links);
    json["gold"] = {{"sure", to_json(pair.gold->sure)}, {"possible", to_json(pair.gold->possible)}};
  }
  return json;
}

Json page_data(const std::vector<AlignedPair>& pairs, const std::string& title,
               Granularity granularity) {
  Json sentences = Json::array();
  for (const AlignedPair& pair : pairs) {
    if (sentences.empty() || sentences.back()["line"] != pair.line)
      sentences.push_back(
          {{"line", pair.line}, {"source", page_source(pair)}, {"targets", Json::array()}});
    sentences.back()["targets"].push_back(target_json(pair));
  }
  return {{"title", title},
          {"scale", kPageScale},
          {"granularity", granularity == Granularity::kSubwords ? "subwords" : "words"},
          {"sentences", std::move(sentences)}};
}

}  // namespace

std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title,
                         Granularity granularity) {
  return html_page(kHeatmapPage, to_line(page_data(pairs, title, granularity)));
}

}  // namespace attn
