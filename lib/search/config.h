// The options of the search for a translation.
#pragma once

#include "base/fields.h"

namespace attn {

struct SearchConfig {
  int beam_size = 5;
  double length_normalisation = 1.0;
  double max_length_ratio = 3.0;
  int n_best = 1;
  int batch_sentences = 64;

  static void fields(auto&& field) {
    using C = SearchConfig;
    field("beam_size", &C::beam_size, at_least(1), "hypotheses kept for each sentence; 1: greedy");
    field("length_normalisation", &C::length_normalisation, at_least(0),
          "a score is divided by its length to the power of this; 0: never");
    field("max_length_ratio", &C::max_length_ratio, above(0) && at_most(1000),
          "longest translation, as a multiple of the source's pieces");
    field("n_best", &C::n_best, at_least(1),
          "translations given for each sentence; at most search.beam_size");
    field("batch_sentences", &C::batch_sentences, at_least(1), "sentences translated together");
  }
};

}  // namespace attn
