// The options of the search for a translation (section "search" of a config).
#pragma once

#include <cstdint>
#include <string>

#include "base/options.h"
#include "base/registry.h"
#include "math/gemm/precision.h"

namespace attn {

enum class SearchMethod { beam, sample };
// Returns the table of all search methods.
const Registry<SearchMethod>& search_methods();

// Returns the values of search.precision.
const Registry<Precision>& search_precisions();

// Whether lines are translated by segments (search/segments.h).
enum class Splitting { automatic, off };
// Returns the values of search.split.
const Registry<Splitting>& splittings();

struct SearchConfig {
  std::string method = "beam";
  int beam_size = 5;
  int n_best = 1;

  std::string length_penalty = "power";
  double length_penalty_alpha = 1.0;
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
  bool allow_unknown = false;
  std::string split = "auto";
  int batch_size = 64;
  std::string precision = "float32";

  // Returns the same options for a beam search with beam size `size` that gives one translation.
  SearchConfig with_beam(int size) const;

  friend bool operator==(const SearchConfig&, const SearchConfig&) = default;

  static void fields(Fields<SearchConfig>& field);
};

// Throws Error if options contradict each other. The message begins with `where`.
void validate(const SearchConfig& search, const std::string& where);

// Throws Error if this build does not support search.precision on this processor. The message
// begins with `where`.
void check_precision(const SearchConfig& search, const std::string& where);

}  // namespace attn
