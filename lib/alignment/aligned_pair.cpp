#include "alignment/aligned_pair.h"

#include "alignment/aer.h"

namespace attn {
namespace {

// Returns the weights of each layer and, with several heads, those of its heads.
Json layers_json(const std::vector<Alignment>& layers) {
  Json out = Json::array();
  for (const Alignment& layer : layers) {
    out.push_back({{"weights", to_json(layer.weights)}});
    for (const AttentionWeights& head : layer.heads) out.back()["heads"].push_back(to_json(head));
  }
  return out;
}

}  // namespace

Alignment to_words(const AlignedPair& pair) {
  return to_words(pair.pieces, pair.source, pair.target);
}

std::vector<Link> links_of(const AlignedPair& pair, const Alignment& words) {
  return pair.combined ? *pair.combined : hard_links(words);
}

std::vector<Alignment> encoder_to_words(const AlignedPair& pair) {
  std::vector<Alignment> words;
  for (const Alignment& layer : pair.encoder)
    words.push_back(to_words(layer, pair.source, pair.source));
  return words;
}

double alignment_error(const AlignedPair& pair, const std::vector<Link>& links) {
  return alignment_error_rate(alignment_counts(links, pair.gold.value())).value;
}

namespace {

Json words_json(const AlignedPair& pair, const Alignment& words, const std::vector<Link>& links) {
  Json json = {{"line", pair.line}};
  json.update(to_json(words, links));
  if (!pair.encoder.empty()) json["encoder"] = layers_json(encoder_to_words(pair));
  return json;
}

}  // namespace

Json words_json(const AlignedPair& pair) {
  const Alignment words = to_words(pair);
  return words_json(pair, words, links_of(pair, words));
}

Json to_json(const AlignedPair& pair) {
  const Alignment words = to_words(pair);
  const std::vector<Link> links = links_of(pair, words);
  Json json = words_json(pair, words, links);
  json["name"] = pair.name;
  json["log_prob"] = pair.log_prob;
  json["entropy"] = mean_entropy(pair.pieces.weights);
  if (pair.chrf) json["chrf"] = *pair.chrf;
  if (pair.gold) {
    json["alignment_error_rate"] = alignment_error(pair, links);
    json["gold"] = {{"sure", to_json(pair.gold->sure)}, {"possible", to_json(pair.gold->possible)}};
  }
  Json& subwords = json["subwords"] = {{"source", pair.pieces.source},
                                       {"target", pair.pieces.target},
                                       {"source_word_indices", pair.source.words_of},
                                       {"target_word_indices", pair.target.words_of},
                                       {"weights", to_json(pair.pieces.weights)}};
  for (const AttentionWeights& head : pair.pieces.heads) subwords["heads"].push_back(to_json(head));
  if (!pair.encoder.empty()) subwords["encoder"] = layers_json(pair.encoder);
  return json;
}

}  // namespace attn
