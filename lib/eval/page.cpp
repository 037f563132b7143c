#include "eval/page.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "eval/html_page.h"

namespace attn {
namespace {

constexpr long kDigits = 90, kScale = kDigits * kDigits - 1;

// From '#' on, but '<', which would have to be escaped in a script element, and '\\', in JSON.
char digit(long value) {
  long character = '#' + value;
  character += character >= '<';
  character += character >= '\\';
  return static_cast<char>(character);
}

// Row by row, each in two characters: most of a page is its weights.
std::string in_digits(const Weights& weights) {
  std::string out;
  for (const auto& row : weights)
    for (const double weight : row) {
      const long number = std::clamp(std::lround(weight * kScale), 0L, kScale);
      out += {digit(number / kDigits), digit(number % kDigits)};
    }
  return out;
}

// The mean, called `name`, and each head.
void add_matrices(const Alignment& pieces, const std::string& name, const std::string& of,
                  Json& out) {
  out.push_back({{"name", name}, {"weights", in_digits(pieces.weights)}});
  for (std::size_t head = 0; head < pieces.heads.size(); ++head)
    out.push_back({{"name", of + "head " + std::to_string(head + 1)},
                   {"weights", in_digits(pieces.heads[head])}});
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
  const std::vector<Link> links = links_of(pair, words_of(pair));
  json["links"] = to_json(links);
  if (pair.combined) json["combined"] = true;
  if (pair.chrf) json["chrf"] = *pair.chrf;
  if (pair.gold) {
    json["aer"] = alignment_error(pair, links);
    json["gold"] = {{"sure", to_json(pair.gold->sure)}, {"possible", to_json(pair.gold->possible)}};
  }
  add_matrices(pair.pieces, pair.pieces.heads.empty() ? "attention" : "mean of the heads", "",
               json["matrices"]);
  return json;
}

Json page_data(const std::vector<AlignedPair>& pairs, const std::string& title, Units units) {
  Json sentences = Json::array();
  for (const AlignedPair& pair : pairs) {
    if (sentences.empty() || sentences.back()["line"] != pair.line)
      sentences.push_back(
          {{"line", pair.line}, {"source", source_of(pair)}, {"targets", Json::array()}});
    sentences.back()["targets"].push_back(target_of(pair));
  }
  return {{"title", title},
          {"scale", kScale},
          {"unit", units == Units::kPieces ? "pieces" : "words"},
          {"sentences", std::move(sentences)}};
}

}  // namespace

std::string heatmap_page(const std::vector<AlignedPair>& pairs, const std::string& title,
                         Units units) {
  return html_page(kHeatmapPage, to_line(page_data(pairs, title, units)));
}

}  // namespace attn
