// Beam search over several sources at once, with any Scorer.
//
// A source has beam_size slots. Each step extends the active hypotheses of the source by every word
// and keeps the most probable candidates, one per slot. When a hypothesis ends, its slot is
// removed, as in GroundHog, the program of Bahdanau et al. 2015. Search with one slot is greedy
// search. Among equally probable candidates, the lower word id comes first, then the candidate with
// the more probable parent.
//
// The search for a source ends when no slot is left, or when n_best hypotheses have ended with the
// end of sentence and no active hypothesis can reach a better score than the last of them.
// Therefore n_best affects the amount of computation but never the ranking.
#pragma once

#include <span>
#include <vector>

#include "math/matrix_view.h"
#include "search/constraints.h"
#include "search/hypothesis.h"
#include "search/scorer.h"

namespace attn {

struct SearchOptions {
  int beam_size = 5;  // at least 1
  ScoringFunction scoring = {};
  Constraints constraints = {};
  int n_best = 1;           // 1 to beam_size
  IsWanted is_wanted = {};  // empty: every source is
};

// Returns 1 to n_best hypotheses for each source, which includes its end of sentence. Finished
// hypotheses come before unfinished ones, then better scores before worse ones, then hypotheses
// that ended earlier. Words with log-probability -inf or NaN are impossible and never chosen.
// prefixes[i], if given, are the words with which the translations of source i begin. Requires that
// the options are in their ranges.
//
// Cost: a step reads each log-probability once. Memory: beam_size · vocabulary log-probabilities
// per source, and the attention weights of every hypothesis and step.
std::vector<Nbest> beam_search(Scorer& scorer, std::span<const Ids> sources,
                               const SearchOptions& options, std::span<const Ids> prefixes = {});

}  // namespace attn
