#include "nn/attention/losses.h"

#include <cmath>

namespace attn {

double coverage_loss(ConstMatrixView weights, double scale, MatrixView* dweights, Workspace& ws) {
  const Index words = weights.rows(), steps = weights.cols();
  const auto scope = ws.scope();
  MatrixView before = ws.zeros(words, steps);  // κ
  double loss = 0;
  for (Index t = 0; t < steps; ++t) {
    if (t > 0) before.map().col(t) = before.map().col(t - 1) + weights.map().col(t - 1);
    loss += double(weights.map().col(t).cwiseMin(before.map().col(t)).sum());
  }
  if (!dweights) return loss;
  // For each word, the number of later steps whose weight exceeds the sum of all weights before.
  MatrixView later = ws.zeros(words, 1);
  for (Index t = steps - 1; t >= 0; --t)
    for (Index j = 0; j < words; ++j) {
      const bool repeated = weights(j, t) <= before(j, t);
      (*dweights)(j, t) += static_cast<Real>(scale) * (later(j, 0) + Real(repeated));
      later(j, 0) += Real(!repeated);
    }
  return loss;
}

double guided_loss(std::span<const ConstMatrixView> heads, std::span<const int> links, double scale,
                   std::span<MatrixView> dheads) {
  constexpr Real kFloor = Real(1e-6);
  const Real head_weight = Real(1) / static_cast<Real>(heads.size());
  double loss = 0;
  for (std::size_t begin = 0, end = 0; begin < links.size(); begin = end) {
    const Index t = links[begin + 1];
    while (end < links.size() && links[end + 1] == t) end += 2;
    const double link_weight = 2.0 / static_cast<double>(end - begin);
    for (std::size_t i = begin; i < end; i += 2) {
      const Index j = links[i];
      Real weight = kFloor;
      for (ConstMatrixView head : heads) weight += head_weight * head(j, t);
      loss -= link_weight * std::log(double(weight));
      for (MatrixView& dhead : dheads)
        dhead(j, t) -= static_cast<Real>(scale * link_weight) * head_weight / weight;
    }
  }
  return loss;
}

}  // namespace attn
