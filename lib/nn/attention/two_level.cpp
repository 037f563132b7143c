#include "nn/attention/two_level.h"

#include <tuple>
#include <utility>

#include "base/error.h"
#include "nn/attention/scored_attention.h"

namespace attn {
namespace {

class TwoLevel : public ScoredAttention {
 public:
  TwoLevel(Scope at, const AttentionOptions& options) : ScoredAttention(at, options) {
    ATTN_CHECK(options.window == "global" && !options.sizes.coverage && !is_stochastic());
  }

 protected:
  void compute_weights(const Weights& w, const ColumnGroup& group, Index head, Out weights,
                       Workspace& ws) const override {
    const auto scope = ws.scope();
    const Index count = segment_count(group);
    const MatrixView beta = ws.take(count, group.count);
    segments().energies(w, group, head, {0, count}, beta);
    normalize(group, head, beta);
    for (Index s = 0; s < count; ++s) {
      const Span span = group.memory.segment(group.source(), s);
      const Out alpha = weights.row_range(span.begin, span.size());
      words().energies(w, group, head, span, alpha);
      normalize(group, head, alpha);
      for (Index q = 0; q < group.count; ++q)
        for (Index i = 0; i < span.size(); ++i) alpha(i, q) *= beta(s, q);
    }
  }

  void weights_backward(const Weights& w, const ColumnGroup& group, Index head, Out weights,
                        const EnergiesGrad& d, WeightGradients g, Workspace& ws) const override {
    const Index count = segment_count(group);
    const MatrixView beta = ws.take(count, group.count), dbeta = ws.zeros(count, group.count);
    for (Index s = 0; s < count; ++s) {
      const Span span = group.memory.segment(group.source(), s);
      for (Index q = 0; q < group.count; ++q)
        std::tie(beta(s, q), dbeta(s, q)) =
            segment_backward(group.sampling(head, q), span.size(), weights.col(q) + span.begin,
                             d.denergies.col(q) + span.begin);
    }
    normalize_backward(group, head, {}, beta, dbeta);
    words().energies_backward(w, group, head, group.span, d, g);
    segments().energies_backward(w, group, head, {0, count}, {dbeta, d.dqueries, d.inputs}, g);
  }

 private:
  static Index segment_count(const ColumnGroup& group) {
    return group.memory.segments.length(group.source());
  }

  // Computes the backward pass of the product a_j = β α_j and of the normalizer for the n words of
  // a segment:
  //   β = Σ_j a_j,   dα_j = β da_j,   dβ = Σ_j α_j da_j
  // If β is 0, α is unknown, and both gradients are 0. Replaces the weights a by α, and their
  // gradient d by that of the energies. Returns β and dβ.
  std::pair<Real, Real> segment_backward(const SamplingContext& sampling, Index n, Real* weights,
                                         Real* d) const {
    auto alpha = Out(weights, n, 1).map(), dalpha = Out(d, n, 1).map();
    const Real beta = alpha.sum();
    if (beta == 0) {
      dalpha.setZero();
      return {0, 0};
    }
    alpha /= beta;
    const Real dbeta = dot(n, weights, d);
    dalpha *= beta;
    normalizer().backward(n, sampling, nullptr, weights, d);
    return {beta, dbeta};
  }
};

}  // namespace

std::unique_ptr<Attention> make_two_level_attention(Scope at, const AttentionOptions& options) {
  return std::make_unique<TwoLevel>(at, options);
}

}  // namespace attn
