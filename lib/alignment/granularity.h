// The granularity of a heatmap: whether its rows and columns are words or subwords.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/registry.h"

namespace attn {

enum class Granularity {
  kAuto,   // words; subwords for a side that is written without spaces
  kWords,  // text between white space
  kSubwords
};
// Returns the table of all granularities.
const Registry<Granularity>& granularities();

// Returns whether a text, given as its space-separated words, is written without spaces: most of
// its letters belong to scripts in which a line may break between any two letters (UAX #14:
// Chinese, Japanese, Thai, Lao, Khmer, Burmese), and it is a single word or has more than six such
// letters per word on average.
bool is_unspaced(const std::vector<std::string>& words);

// Returns the pair with subwords in place of words on the sides that `granularity` selects. With
// kAuto, a subword without text, such as a lone word boundary mark, is merged into the next one;
// with kSubwords it is "▁", as in SentencePiece. Gold links and combined links refer to words: if
// the pair has any, kAuto means kWords, and kSubwords removes them.
AlignedPair at_granularity(AlignedPair pair, Granularity granularity);

}  // namespace attn
