// Beam search: the likeliest translations that a scorer gives, several sentences at once.
//
// A sentence has beam_size slots. Each step extends its hypotheses by every word and keeps as many
// of the likeliest as it has slots; one that ends takes its slot with it (GroundHog, the program of
// Bahdanau et al. 2015, does the same). One slot is greedy search. Among equals: the lower word
// first, then the continuation of the likelier hypothesis.
//
// A sentence is done when no slot is left, or when it has n_best finished hypotheses and none of
// those alive can still score above the last of them. So n_best changes the work and never the
// ranking.
#pragma once

#include <span>
#include <vector>

#include "math/types.h"
#include "search/constraints.h"
#include "search/hypothesis.h"
#include "search/scorer.h"

namespace attn {

struct SearchOptions {
  int beam_size = 5;  // at least 1
  ScoringFunction score = {};
  Constraints constraints = {};
  int n_best = 1;  // 1 to beam_size
};

// For each source (its words and its end of sentence) at least one and at most n_best hypotheses,
// none with an impossible word: finished before unfinished, then by score, then the one that ended
// earlier. A word of log-probability -inf or NaN is impossible. Cost: a step reads each
// log-probability once; kept are beam_size · vocabulary log-probabilities a sentence, and the
// attention of every column of every step. Bug if an option is out of its range. prefixes: of each
// source the words that its translations begin with; none: they are free.
std::vector<Nbest> beam_search(Scorer& scorer, std::span<const Ids> sources,
                               const SearchOptions& options, std::span<const Ids> prefixes = {});

}  // namespace attn
