// A sentence pair with its attention weights and everything else that heatmaps, reports and JSON
// output show.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "alignment/alignment.h"
#include "base/json.h"

namespace attn {

struct AlignedPair {
  std::size_t line = 0;              // line number in the text, from 0
  std::string name = "translation";  // or "reference"
  Alignment pieces;                  // over subwords
  PieceMap source, target;
  // The self-attention of each encoder layer, over subwords. The tokens of both sides are those of
  // the source.
  std::vector<Alignment> encoder;
  double log_prob = 0;  // log-probability of the target, including the end of sentence, in nats
  std::optional<double> chrf;  // chrF of a translation that has a reference, in percent
  std::optional<GoldLinks> gold;
  std::optional<std::vector<Link>> combined;  // links of two models of opposite directions
};

// Returns the attention weights over words.
Alignment to_words(const AlignedPair& pair);

// Returns the alignment links between words: the combined ones if there are any, else hard_links.
// `words` is the result of to_words.
std::vector<Link> links_of(const AlignedPair& pair, const Alignment& words);

// Returns the self-attention of each encoder layer over words.
std::vector<Alignment> encoder_to_words(const AlignedPair& pair);

// Returns the alignment error rate of links. Requires that the pair has gold links.
double alignment_error(const AlignedPair& pair, const std::vector<Link>& links);

// Returns a JSON object over words: "line"; the fields of to_json(Alignment, links); and, for an
// encoder with self-attention, "encoder": [{"weights", "heads"}], one element per layer.
Json words_json(const AlignedPair& pair);

// Returns the fields of words_json and "name", "log_prob", "entropy" (mean_entropy over subwords);
// "chrf", "alignment_error_rate" and "gold" {"sure", "possible"} where known; and "subwords"
// {"source", "target", "source_word_indices", "target_word_indices", "weights", "heads",
// "encoder"}, in which "source_word_indices" and "target_word_indices" list the words of each
// subword.
Json to_json(const AlignedPair& pair);

}  // namespace attn
