#include "math/repeated.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "math/ops.h"
#include "math/product.h"

namespace attn {

void Distinct::assign(std::span<const int> numbers) {
  const auto number = [&](int i) { return numbers[static_cast<std::size_t>(i)]; };
  order_.resize(numbers.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [&](int a, int b) { return number(a) < number(b); });
  numbers_.clear();
  numbers_.reserve(numbers.size());
  which_.resize(numbers.size());
  for (const int i : order_) {
    if (numbers_.empty() || numbers_.back() != number(i)) numbers_.push_back(number(i));
    which_[static_cast<std::size_t>(i)] = static_cast<int>(numbers_.size()) - 1;
  }
}

void product(const Params& w, Slot weight, const Repeated& x, Out y, Workspace& ws) {
  if (x.which.empty()) return product(w, weight, x.distinct, y);
  ATTN_CHECK(static_cast<Index>(x.which.size()) == y.cols());
  const auto scope = ws.scope();
  View distinct = ws.take(weight.rows, x.distinct.cols());
  product(w, weight, x.distinct, distinct);
  for (Index j = 0; j < y.cols(); ++j)
    y.col(j) = distinct.col(x.which[static_cast<std::size_t>(j)]);
}

void product_backward(const Params& w, Slot weight, const Repeated& x, In d, Params& g, Out dx,
                      Workspace& ws) {
  const auto both = [&](In sums) {
    add_transposed_product(w, weight, sums, dx);
    add_outer_product(sums, x.distinct, g, weight);
  };
  if (x.which.empty()) return both(d);
  ATTN_CHECK(static_cast<Index>(x.which.size()) == d.cols());
  const auto scope = ws.scope();
  View sums = ws.zeros(weight.rows, x.distinct.cols());
  for (Index j = 0; j < d.cols(); ++j)
    add(d.rows(), d.col(j).data(), sums.col(x.which[static_cast<std::size_t>(j)]).data());
  both(sums);
}

}  // namespace attn
