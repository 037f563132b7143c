#include "nn/attention/single_level.h"

#include "nn/attention/scored_attention.h"

namespace attn {
namespace {

class SingleLevel : public ScoredAttention {
 public:
  SingleLevel(Scope at, const AttentionOptions& options) : ScoredAttention(at, options) {}

 protected:
  void compute_weights(const Weights& w, const ColumnGroup& group, Index head, Out weights,
                       Workspace&) const override {
    words().energies(w, group, head, group.span, weights);
    normalize(group, head, weights);
  }

  void weights_backward(const Weights& w, const ColumnGroup& group, Index head, Out weights,
                        const EnergiesGrad& d, WeightGradients g, Workspace& ws) const override {
    const Out energies = is_stochastic() ? ws.take(weights.rows(), weights.cols()) : Out();
    if (is_stochastic()) words().energies(w, group, head, group.span, energies);
    normalize_backward(group, head, energies, weights, d.denergies);
    words().energies_backward(w, group, head, group.span, d, g);
  }
};

}  // namespace

std::unique_ptr<Attention> make_single_level_attention(Scope at, const AttentionOptions& options) {
  return std::make_unique<SingleLevel>(at, options);
}

}  // namespace attn
