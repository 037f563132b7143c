// What the rows and columns of a matrix stand for where it is shown: words, or pieces of words.
#pragma once

#include <string>
#include <vector>

#include "alignment/aligned_pair.h"
#include "base/registry.h"

namespace attn {

enum class Granularity {
  kAuto,   // words, but the pieces of a side that is written without spaces between its words
  kWords,  // what stands between white space
  kPieces
};
const Registry<Granularity>& granularities();

// Whether white space does not part the words of this text: most of its letters are of scripts in
// which a line may break between any two (UAX #14: Chinese, Japanese, Thai, Lao, Khmer, Burmese),
// and it has no space, or more than six letters between two of them on average: fewer are words.
bool is_unspaced(const std::vector<std::string>& words);

// The pair with the pieces of the sides that `units` says in place of their words. A piece without
// text, such as a lone word-boundary mark, goes to the one that follows; of kPieces it is "▁", as
// SentencePiece has it. Gold links, and those of two directions, count words: with them kAuto is
// kWords, and pieces have none.
AlignedPair at_granularity(AlignedPair pair, Granularity units);

}  // namespace attn
