#include "search/search_config.h"

#include "base/error.h"
#include "search/hypothesis.h"

namespace attn {
namespace {

void ranking_fields(Fields<SearchConfig>& field) {
  field("length_penalty", &SearchConfig::length_penalty, one_of(length_penalties().choices()),
        "divisor of the log-probability of a translation y; α is search.length_penalty_alpha");
  field("length_penalty_alpha", &SearchConfig::length_penalty_alpha, at_least(0),
        "exponent α of the length penalty; 0: no length penalty",
        FormerName{"length_normalisation"});
  field("coverage_penalty", &SearchConfig::coverage_penalty, at_least(0),
        "factor β of the coverage penalty: adds β Σ_i ln min(Σ_j α_ji, 1) over source words i and "
        "target words j (Wu et al. 2016, eq. 14)");
}

void sampling_fields(Fields<SearchConfig>& field) {
  const Condition sampling = when("search.method", {"sample"});
  field("temperature", &SearchConfig::temperature, above(0),
        "divisor of the log-probabilities before a word is sampled", sampling);
  field("top_k", &SearchConfig::top_k, at_least(0),
        "sample from the k most probable words (Fan et al. 2018); 0: from all words", sampling);
  field("top_p", &SearchConfig::top_p, above(0) && at_most(1),
        "sample from the smallest set of words with this total probability (Holtzman et al. 2020)",
        sampling);
  field("seed", &SearchConfig::seed, any(), "random seed of sampling", sampling);
}

void constraint_fields(Fields<SearchConfig>& field) {
  field("min_length", &SearchConfig::min_length, at_least(0),
        "minimum length of a translation in subwords");
  field("max_length", &SearchConfig::max_length, at_least(0),
        "maximum length of a translation in subwords; 0: search.max_length_ratio decides");
  field("max_length_ratio", &SearchConfig::max_length_ratio, above(0) && at_most(1000),
        "maximum length of a translation, as a multiple of the source's length in subwords");
  field("no_repeat_ngram", &SearchConfig::no_repeat_ngram, at_least(0),
        "block repeated n-grams of this size (Paulus et al. 2018); 0: allow them");
}

}  // namespace

const Registry<SearchMethod>& search_methods() {
  static const Registry<SearchMethod> table = {
      {"beam", "beam search", SearchMethod::beam},
      {"sample", "ancestral sampling, word by word", SearchMethod::sample},
  };
  return table;
}

const Registry<Precision>& search_precisions() {
  static const Registry<Precision> table = {
      {"float32", "no rounding", Precision::float32},
      {"int8",
       "weights and activations of matrix products are rounded to 8 bits, with one scale per row "
       "and column (after Jacob et al. 2018): faster, almost the same output",
       Precision::int8},
  };
  return table;
}

const Registry<Splitting>& splittings() {
  static const Registry<Splitting> table = {
      {"auto",
       "translate each sentence by itself, and cut sentences that are longer than those of the "
       "training text; not in document models, and not lines with a prefix",
       Splitting::automatic},
      {"off", "translate each line as one sentence", Splitting::off},
  };
  return table;
}

SearchConfig SearchConfig::with_beam(int size) const {
  SearchConfig copy = *this;
  copy.method = "beam", copy.beam_size = size, copy.n_best = 1;
  return copy;
}

void SearchConfig::fields(Fields<SearchConfig>& field) {
  field("method", &SearchConfig::method, one_of(search_methods().choices()), "search method");
  field("beam_size", &SearchConfig::beam_size, at_least(1), "beam size; 1: greedy search",
        when("search.method", {"beam"}));
  field("n_best", &SearchConfig::n_best, at_least(1),
        "number of translations per line; in beam search at most search.beam_size");
  ranking_fields(field);
  sampling_fields(field);
  constraint_fields(field);
  field("replace_unknown", &SearchConfig::replace_unknown, any(),
        "allow unknown words <unk>, and replace each by the source word with the largest attention "
        "weight (Luong et al. 2015); only for models whose training text had words outside of the "
        "vocabulary");
  field("allow_unknown", &SearchConfig::allow_unknown, any(),
        "allow unknown words <unk> in translations; otherwise they are never generated",
        when("search.replace_unknown", {"false"}));
  field("split", &SearchConfig::split, one_of(splittings().choices()),
        "division of lines in attn translate");
  field("batch_size", &SearchConfig::batch_size, at_least(1),
        "number of lines, or of sentences of divided lines, that are translated together",
        FormerName{"batch_sentences"});
  field("precision", &SearchConfig::precision, one_of(search_precisions().choices()),
        "number format of translation; scoring and alignment always use float32");
}

void validate(const SearchConfig& search, const std::string& where) {
  if (search_methods().at(search.method) == SearchMethod::beam && search.n_best > search.beam_size)
    fail(where, "search.n_best (" + std::to_string(search.n_best) +
                    ") must not be above search.beam_size (" + std::to_string(search.beam_size) +
                    ")");
  if (search.max_length > 0 && search.min_length > search.max_length)
    fail(where, "search.min_length (" + std::to_string(search.min_length) +
                    ") must not be above search.max_length (" + std::to_string(search.max_length) +
                    ")");
}

void check_precision(const SearchConfig& search, const std::string& where) {
  if (search_precisions().at(search.precision) == Precision::int8 && !available(Precision::int8))
    fail(where,
         "search.precision \"int8\" needs oneDNN, but this program was built without it; use "
         "\"float32\"");
}

}  // namespace attn
