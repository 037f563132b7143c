// The location score: (W q)_j depends only on the position j of a word, which must be below
// max_positions (Luong et al. 2015, eq. 8). The query W q contains the energies of all positions.
#include "nn/attention/score_factories.h"
#include "nn/attention/score_projections.h"

namespace attn {
namespace {

class Location : public ScoreKernel {
 public:
  void energies(const Weights&, const ScoreBlock& x, Out energies) const override {
    copy(x.queries.row_range(x.first_position, x.keys.cols()), energies);
  }
  void energies_backward(const Weights&, const ScoreBlock& x, const ScoreBlockGrad& d,
                         WeightGradients) const override {
    add(d.denergies, d.dqueries.row_range(x.first_position, x.keys.cols()));
  }
};

}  // namespace

AttentionScore make_location_score(Scope at, const AttentionScoreSizes& sizes) {
  const Slot w = at.matrix("w", sizes.max_positions, sizes.state, Role::attention);
  return {.keys = make_empty_projection(),
          .queries = make_linear_projection(w),
          .kernel = std::make_unique<Location>(),
          .operations = 0,
          .max_positions = sizes.max_positions};
}

}  // namespace attn
