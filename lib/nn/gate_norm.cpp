#include "nn/gate_norm.h"

namespace attn {

GateNorm::GateNorm(Scope at, Index gates, Index hidden) : hidden_(hidden) {
  for (Index i = 0; i < gates; ++i) norms_.emplace_back(at / i, hidden);
}

Index GateNorm::saved_rows() const {
  return norms_.empty() ? 0 : static_cast<Index>(norms_.size()) * rows_per_gate();
}

void GateNorm::forward(const Weights& w, Index first, Index count, Out sums, Out saved) const {
  if (norms_.empty()) return;
  for (Index i = first; i < first + count; ++i) {
    const LayerNorm& norm = IndexSpan(norms_)[i];
    auto sum = sums.row_range(i * hidden_, hidden_);
    norm.forward(w, sum, saved.row_range(i * rows_per_gate(), norm.saved_rows()), sum);
  }
}

void GateNorm::backward(const Weights& w, Index first, Index count, Out dsums, Out saved) const {
  if (norms_.empty()) return;
  for (Index i = first; i < first + count; ++i) {
    const LayerNorm& norm = IndexSpan(norms_)[i];
    auto dsum = dsums.row_range(i * hidden_, hidden_);
    auto dnormalized = saved.row_range(i * rows_per_gate() + norm.saved_rows(), hidden_);
    copy(dsum, dnormalized);
    dsum.set_zero();
    norm.backward(w, saved.row_range(i * rows_per_gate(), norm.saved_rows()), dnormalized, dsum);
  }
}

void GateNorm::accumulate(In saved, WeightGradients g) const {
  for (std::size_t i = 0; i < norms_.size(); ++i) {
    const Index at = static_cast<Index>(i) * rows_per_gate(), n = norms_[i].saved_rows();
    norms_[i].accumulate(saved.row_range(at, n), saved.row_range(at + n, hidden_), g);
  }
}

}  // namespace attn
