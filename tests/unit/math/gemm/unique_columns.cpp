// Products with matrices of which columns are equal, against the same with each column by itself.
#include "math/gemm/unique_columns.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/random.h"
#include "math/gemm/product.h"

namespace attn::test {
namespace {

Mat random(RandomKey key, Index rows, Index cols) {
  Mat m(rows, cols);
  for (Index i = 0; i < m.size(); ++i)
    m.data()[i] = static_cast<Real>(key.at(static_cast<std::uint64_t>(i)).normal());
  return m;
}

View view_of(Mat& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.rows())};
}

}  // namespace

TEST_CASE("distinct numbers ascend, and each number is told which of them it is") {
  UniqueIds distinct;
  for (int round = 0; round < 2; ++round) {  // the second finds what the first left
    distinct.assign(std::vector<int>{7, -1, 7, 3, -1, 12});
    CHECK(std::vector<int>(distinct.values().begin(), distinct.values().end()) ==
          std::vector<int>{-1, 3, 7, 12});
    CHECK(std::vector<int>(distinct.inverse().begin(), distinct.inverse().end()) ==
          std::vector<int>{2, 0, 2, 1, 0, 3});
    distinct.assign({});
    CHECK(distinct.values().empty());
    CHECK(distinct.inverse().empty());
  }
}

TEST_CASE("products with repeated columns are those with each column by itself") {
  const Index m = 21, k = 13;
  const std::vector<int> which = {0, 2, 1, 2, 2, 0, 3, 1, 3, 0, 2};
  const auto n = static_cast<Index>(which.size());
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", m, k, Role::input);
  Params w(layout), g(layout), want_g(layout);
  for (std::size_t i = 0; i < w.flat().size(); ++i)
    w.flat()[i] = static_cast<Real>(RandomKey(1).at(i).normal());
  Mat x = random(RandomKey(2), k, 4), each(k, n), d = random(RandomKey(3), m, n);
  for (Index j = 0; j < n; ++j) each.col(j) = x.col(which[static_cast<std::size_t>(j)]);
  Workspace ws;

  Mat y(m, n), want_y(m, n);
  product(w, slot, {view_of(x), which}, y, ws);
  product(w, slot, each, want_y);
  CHECK((y - want_y).cwiseAbs().maxCoeff() < 1e-5);

  Mat dx = Mat::Ones(k, 4), want_dx = dx, deach = Mat::Zero(k, n);
  product_backward(w, slot, {view_of(x), which}, d, g, dx, ws);
  add_transposed_product(w, slot, d, deach);
  add_outer_product(d, each, want_g, slot);
  for (Index j = 0; j < n; ++j) want_dx.col(which[static_cast<std::size_t>(j)]) += deach.col(j);
  CHECK((dx - want_dx).cwiseAbs().maxCoeff() < 1e-4);
  double difference = 0;
  for (std::size_t i = 0; i < g.flat().size(); ++i)
    difference = std::max(difference, std::abs(double(g.flat()[i] - want_g.flat()[i])));
  CHECK(difference < 1e-4);
}

TEST_CASE("a matrix without repetitions is multiplied as it is") {
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", 5, 3, Role::input);
  Params w(layout), g(layout), want_g(layout);
  std::fill(w.flat().begin(), w.flat().end(), Real(0.5));
  Mat x = random(RandomKey(1), 3, 4), d = random(RandomKey(2), 5, 4), y(5, 4), want(5, 4);
  Mat dx = Mat::Zero(3, 4), want_dx = dx;
  Workspace ws;
  product(w, slot, {view_of(x)}, y, ws);
  product(w, slot, x, want);
  CHECK(y == want);
  product_backward(w, slot, {view_of(x)}, d, g, dx, ws);
  add_transposed_product(w, slot, d, want_dx);
  add_outer_product(d, x, want_g, slot);
  CHECK(dx == want_dx);
  CHECK(std::equal(g.flat().begin(), g.flat().end(), want_g.flat().begin()));
}

TEST_CASE("repetitions of another number of columns are a mistake of the caller") {
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", 5, 3, Role::input);
  Params w(layout), g(layout);
  Mat x = random(RandomKey(1), 3, 2), y(5, 4), dx = Mat::Zero(3, 2);
  Workspace ws;
  const std::vector<int> which = {0, 1, 1};
  CHECK_THROWS_AS(product(w, slot, {view_of(x), which}, y, ws), Bug);
  CHECK_THROWS_AS(product_backward(w, slot, {view_of(x), which}, y, g, dx, ws), Bug);
}

}  // namespace attn::test
