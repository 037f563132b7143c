// Synthetic text for measuring speed. Its lengths follow the English and German sentences of
// Multi30k (Elliott et al. 2016), in pieces of vocabularies of size 8000, and its word frequencies
// follow Zipf's law.
#pragma once

#include "base/random.h"
#include "text/corpus.h"

namespace attn {

inline constexpr std::size_t kSyntheticPairs = 29000;  // as in the training set of Multi30k

// Returns a tokenizer of size - 2 words, <unk> and </s>. Requires size ≥ 3.
Tokenizer synthetic_tokenizer(int size);

// Returns a random corpus, a function of the key and the vocabularies. The r-th word has
// probability ∝ 1 / r. Sentence lengths, without the end of sentence and limited to 1 … 50, are
//   S = ⌊e^(2.60 + 0.31 x) + ½⌋,  T = ⌊e^(2.62 + 0.35 (0.84 x + 0.54 y)) + ½⌋,  x, y normal.
Corpus synthetic_corpus(std::size_t pairs, const Tokenizer& source, const Tokenizer& target,
                        RandomKey key);

}  // namespace attn
