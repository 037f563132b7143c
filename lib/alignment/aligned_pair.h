// A sentence and one translation of it, with all that a picture, a page or a table of it shows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "alignment/alignment.h"
#include "base/json.h"

namespace attn {

struct AlignedPair {
  std::size_t line = 0;              // of the text, from 0
  std::string name = "translation";  // or "reference"
  Alignment pieces;
  PieceMap source, target;
  // Of an encoder that attends, of each layer what the source's pieces (as target) looked at.
  std::vector<Alignment> encoder;
  double log_prob = 0;         // of the target pieces, the end of sentence included; nats
  std::optional<double> chrf;  // of a translation that has a reference: percent
  std::optional<GoldLinks> gold;
  std::optional<std::vector<Link>> combined;  // with those of the other direction
};

Alignment words_of(const AlignedPair& pair);
// Over its words, which words_of gives: those combined, else hard_links.
std::vector<Link> links_of(const AlignedPair& pair, const Alignment& words);
// The encoder's layers over words.
std::vector<Alignment> encoder_words_of(const AlignedPair& pair);

// Of links against those of the pair's gold, which must be there.
double alignment_error(const AlignedPair& pair, const std::vector<Link>& links);

// line; source, target, weights, links, heads, end_of_sentence of its words; encoder [{weights,
// heads}] of each layer that attends.
Json words_json(const AlignedPair& pair);

// The same, and name, log_prob, entropy (mean_entropy of its pieces); chrf, alignment_error_rate
// and gold {sure, possible} where known; pieces {source, target, source_words, target_words,
// weights, heads, encoder}, the words being those of each piece.
Json to_json(const AlignedPair& pair);

}  // namespace attn
