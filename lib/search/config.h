// The options of the search for a translation.
#pragma once

#include <cstdint>
#include <string>

#include "base/fields.h"

namespace attn {

struct SearchConfig {
  std::string method = "beam";
  int beam_size = 5;
  int n_best = 1;

  std::string length_penalty = "power";
  double length_normalisation = 1.0;
  double coverage_penalty = 0;

  double temperature = 1;
  int top_k = 0;
  double top_p = 1;
  std::int64_t seed = 1;

  int min_length = 0;
  int max_length = 0;
  double max_length_ratio = 3.0;
  int no_repeat_ngram = 0;
  bool replace_unknown = false;
  int batch_sentences = 64;
  std::string precision = "float32";

  // The same search for one translation by a beam of another size.
  SearchConfig with_beam(int size) const {
    SearchConfig copy = *this;
    copy.method = "beam", copy.beam_size = size, copy.n_best = 1;
    return copy;
  }

  static void fields(auto&& field) {
    const std::string method = "search.method";
    field("method", &C::method,
          one_of({{"beam", "the likeliest of those that a beam of hypotheses finds"},
                  {"sample", "drawn word by word from what the model says"}}),
          "how translations are found");
    field("beam_size", &C::beam_size, at_least(1), "hypotheses kept for each sentence; 1: greedy",
          when(method, {"beam"}));
    field("n_best", &C::n_best, at_least(1),
          "translations given for each sentence; of a beam at most search.beam_size");
    score_fields(field);
    field("temperature", &C::temperature, above(0),
          "log-probabilities are divided by it before a word is drawn", when(method, {"sample"}));
    field("top_k", &C::top_k, at_least(0),
          "draw among so many of the likeliest words (Fan et al. 2018); 0: among all",
          when(method, {"sample"}));
    field("top_p", &C::top_p, above(0) && at_most(1),
          "draw among the likeliest words that have this probability together (Holtzman et al. "
          "2020)",
          when(method, {"sample"}));
    field("seed", &C::seed, any(), "of what is drawn", when(method, {"sample"}));
    limit_fields(field);
    field(
        "replace_unknown", &C::replace_unknown, any(),
        "put in an unknown word's place the source word that it looks at most (Luong et al. 2015)");
    field("batch_sentences", &C::batch_sentences, at_least(1), "sentences translated together");
    field(
        "precision", &C::precision,
        one_of({{"float32", "as trained"},
                {"int8",
                 "weights and what they multiply rounded to eight bits, each row and each column "
                 "by its largest number (after Jacob et al. 2018): faster, and nearly the same"}}),
        "numbers that a translation is made with; scoring and alignment keep float32");
  }

 private:
  using C = SearchConfig;

  static void score_fields(auto&& field) {
    field("length_penalty", &C::length_penalty,
          one_of({{"power", "|y|^α, with search.length_normalisation as α"},
                  {"wu", "((5 + |y|) / 6)^α (Wu et al. 2016, eq. 14)"}}),
          "what the log-probability of a translation y is divided by");
    field("length_normalisation", &C::length_normalisation, at_least(0),
          "the penalty's power α; 0: the plain log-probability");
    field("coverage_penalty", &C::coverage_penalty, at_least(0),
          "β of what is added: β Σ_i ln min(Σ_j α_ji, 1) over source words i that target words j "
          "look "
          "at (Wu et al. 2016, eq. 14)");
  }
  static void limit_fields(auto&& field) {
    field("min_length", &C::min_length, at_least(0), "fewest pieces of a translation");
    field("max_length", &C::max_length, at_least(0),
          "most pieces of a translation, which then ends; 0: as search.max_length_ratio says");
    field("max_length_ratio", &C::max_length_ratio, above(0) && at_most(1000),
          "longest translation, as a multiple of the source's pieces");
    field("no_repeat_ngram", &C::no_repeat_ngram, at_least(0),
          "no run of so many pieces comes twice (Paulus et al. 2018); 0: any may");
  }
};

}  // namespace attn
