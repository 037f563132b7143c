// Sentences without meaning, to measure speed on: the lengths of Multi30k's English and German
// (Elliott et al. 2016) in pieces of vocabularies of 8000, and Zipf's frequencies.
#pragma once

#include "base/random.h"
#include "text/corpus.h"

namespace attn {

inline constexpr std::size_t kSyntheticPairs = 29000;  // as many as Multi30k trains on

// As many words, less <unk> and </s>, as `size` says; at least 3.
Tokenizer synthetic_tokenizer(int size);

// The same for the same key and vocabularies. Lengths, without end of sentence:
//   S = ⌊e^(2.60 + 0.31 x) + ½⌋,  T = ⌊e^(2.62 + 0.35 (0.84 x + 0.54 y)) + ½⌋,  x, y normal,
// each from 1 to 50. The r-th word has probability ∝ 1 / r.
Corpus synthetic_corpus(std::size_t pairs, const Tokenizer& source, const Tokenizer& target,
                        RandomKey key);

}  // namespace attn
