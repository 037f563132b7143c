// Ancestral sampling: translations are sampled word by word, for several sources at once, from
//   p'(y) ∝ p(y)^(1/T)
// restricted to the top_k most probable words (Fan et al. 2018), and of these to the smallest set
// of most probable words whose total p' is at least top_p (Holtzman et al. 2020). A sample is a
// function of the key, the example id of its source and its number; it does not depend on batches
// or threads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "search/beam.h"

namespace attn {

struct SampleOptions {
  double temperature = 1;  // T, above 0
  int top_k = 0;           // 0: all words
  double top_p = 1;        // above 0, at most 1
  ScoringFunction scoring = {};
  Constraints constraints = {};
  int samples = 1;  // per source, at least 1
  RandomKey key = RandomKey();
  IsWanted is_wanted = {};  // empty: every source is
};

// Returns the word for a uniform random number in [0, 1), or -1 if no word is possible. Among
// equally probable words, the lower id counts as more probable. Cost: one pass over the words, and
// a sort with top_k or top_p.
int sample_word(IndexSpan<const Real> log_probs, const SampleOptions& options, double uniform);

// Returns options.samples hypotheses for each source, in the order of sampling; some may be equal.
// Their log-probabilities are those of the model, without temperature, top_k and top_p. example_ids
// are the numbers of the sources in the text. prefixes[i], if given, are the words with which the
// translations of source i begin.
std::vector<Nbest> sample(Scorer& scorer, std::span<const Ids> sources,
                          std::span<const std::uint64_t> example_ids, const SampleOptions& options,
                          std::span<const Ids> prefixes = {});

}  // namespace attn
