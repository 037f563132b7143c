// Translations drawn from what a scorer says, word by word, several sentences at once.
//   p'(y) ∝ p(y)^(1/T) for the top_k likeliest words, and of these the fewest of the likeliest that
//   have at least top_p of the probability together (Fan et al. 2018; Holtzman et al. 2020)
// What is drawn is a function of the key, the sentence's place and the number of the draw: neither
// of the batch nor of threads.
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
  double top_p = 1;        // above 0, to 1
  ScoringFunction score = {};
  Constraints constraints = {};
  int draws = 1;  // of each sentence, at least 1
  RandomKey key = RandomKey();
};

// The word for a uniform number in [0, 1), or -1 if none is possible. Among equals the lower word
// is taken for the likelier. Cost: one pass over the words, with top_k or top_p a sort of them.
int draw_word(std::span<const Real> log_probs, const SampleOptions& options, double uniform);

// Of each source so many draws, in their order, which may be equal; log_prob is the model's,
// without temperature and cuts. example_ids: the sources' numbers in the text. prefixes: as
// beam_search.
std::vector<Nbest> sample(Scorer& scorer, std::span<const Ids> sources,
                          std::span<const std::uint64_t> example_ids, const SampleOptions& options,
                          std::span<const Ids> prefixes = {});

}  // namespace attn
