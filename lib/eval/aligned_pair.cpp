#include "eval/aligned_pair.h"

#include "eval/aer.h"

namespace attn {

Alignment words_of(const AlignedPair& pair) {
  return to_words(pair.pieces, pair.source, pair.target);
}

double alignment_error(const AlignedPair& pair) {
  return alignment_score(alignment_counts(hard_links(words_of(pair)), pair.gold.value()))
      .error_rate;
}

Json to_json(const AlignedPair& pair) {
  const Alignment words = words_of(pair);
  Json json = {{"line", pair.line}, {"name", pair.name}};
  json.update(to_json(words, hard_links(words)));
  json["log_prob"] = pair.log_prob;
  json["entropy"] = mean_entropy(pair.pieces.weights);
  if (pair.chrf) json["chrf"] = *pair.chrf;
  if (pair.gold) {
    json["alignment_error_rate"] = alignment_error(pair);
    json["gold"] = {{"sure", to_json(pair.gold->sure)}, {"possible", to_json(pair.gold->possible)}};
  }
  Json& pieces = json["pieces"] = {{"source", pair.pieces.source},
                                   {"target", pair.pieces.target},
                                   {"source_words", pair.source.words_of},
                                   {"target_words", pair.target.words_of},
                                   {"weights", to_json(pair.pieces.weights)}};
  for (const Weights& head : pair.pieces.heads) pieces["heads"].push_back(to_json(head));
  return json;
}

}  // namespace attn
