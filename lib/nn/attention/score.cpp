#include "nn/attention/score.h"

#include "nn/attention/score_factories.h"

namespace attn {

const Registry<AttentionScoreKind>& attention_scores() {
  static const Registry<AttentionScoreKind> table = {
      {"additive",
       "v·tanh(W q + U h) (Bahdanau et al. 2015, A.1.2)",
       {.make = make_additive_score, .has_hidden_layer = true, .takes_coverage = true}},
      {"dot", "q·h (Luong et al. 2015, 3.1)", {.make = make_dot_score, .same_size = true}},
      {"scaled_dot",
       "q·h/√d (Vaswani et al. 2017)",
       {.make = make_scaled_dot_score, .same_size = true}},
      {"cosine",
       "τ√d q·h/(‖q‖‖h‖), τ learned (after Graves et al. 2014)",
       {.make = make_cosine_score, .same_size = true, .scale_free = true}},
      {"general", "q·W h (Luong et al. 2015, 3.1)", {.make = make_general_score}},
      {"gaussian",
       "−‖q − h‖²/2σ², σ² = d e^ρ, ρ learned (Nadaraya 1964, Watson 1964)",
       {.make = make_gaussian_score, .same_size = true}},
      {"location",
       "(W q)_j, a function of the word's position alone (Luong et al. 2015, eq. 8)",
       {.make = make_location_score, .uses_content = false}},
      {"none",
       "no attention; the context is the last forward state of the encoder (Cho et al. 2014)",
       {.make = nullptr}},
  };
  return table;
}

}  // namespace attn
