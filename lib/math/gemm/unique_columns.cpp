#include "math/gemm/unique_columns.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

void UniqueIds::assign(std::span<const int> ids) {
  const auto id = [&](int i) { return ids[static_cast<std::size_t>(i)]; };
  order_.resize(ids.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [&](int a, int b) { return id(a) < id(b); });
  values_.clear();
  values_.reserve(ids.size());
  inverse_.resize(ids.size());
  for (const int i : order_) {
    if (values_.empty() || values_.back() != id(i)) values_.push_back(id(i));
    inverse_[static_cast<std::size_t>(i)] = static_cast<int>(values_.size()) - 1;
  }
}

void product(const Weights& w, Slot weight, const UniqueColumns& x, Out y, Workspace& ws) {
  if (x.inverse.empty()) return product(w, weight, x.values, y);
  ATTN_CHECK(static_cast<Index>(x.inverse.size()) == y.cols());
  const auto scope = ws.scope();
  const IndexSpan inverse(x.inverse);
  const MatrixView products = ws.take(weight.rows, x.values.cols());
  product(w, weight, x.values, products);
  for (Index j = 0; j < y.cols(); ++j) std::copy_n(products.col(inverse[j]), y.rows(), y.col(j));
}

void product_backward(const Weights& w, Slot weight, const UniqueColumns& x, In d,
                      WeightGradients g, Out dx, Workspace& ws) {
  const auto add_gradients = [&](In sums) {
    add_transposed_product(w, weight, sums, dx);
    add_outer_product(sums, x.values, g, weight);
  };
  if (x.inverse.empty()) return add_gradients(d);
  ATTN_CHECK(static_cast<Index>(x.inverse.size()) == d.cols());
  const auto scope = ws.scope();
  const IndexSpan inverse(x.inverse);
  const MatrixView sums = ws.zeros(weight.rows, x.values.cols());
  for (Index j = 0; j < d.cols(); ++j) add(d.rows(), d.col(j), sums.col(inverse[j]));
  add_gradients(sums);
}

}  // namespace attn
