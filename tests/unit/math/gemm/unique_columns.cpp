// Products with unique columns, compared with products with all columns.
#include "math/gemm/unique_columns.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "base/random.h"
#include "math/gemm/product.h"
#include "support/matrix.h"

namespace attn::test {

TEST_CASE("UniqueIds returns ascending unique ids and the index of each id among them") {
  UniqueIds unique;
  for (int round = 0; round < 2; ++round) {  // the second round reuses the memory of the first
    unique.assign(std::vector<int>{7, -1, 7, 3, -1, 12});
    CHECK(std::vector<int>(unique.values().begin(), unique.values().end()) ==
          std::vector<int>{-1, 3, 7, 12});
    CHECK(std::vector<int>(unique.inverse().begin(), unique.inverse().end()) ==
          std::vector<int>{2, 0, 2, 1, 0, 3});
    unique.assign({});
    CHECK(unique.values().empty());
    CHECK(unique.inverse().empty());
  }
}

TEST_CASE("a product with unique columns and its gradients equal those with all columns") {
  const Index m = 21, k = 13;
  const std::vector<int> inverse = {0, 2, 1, 2, 2, 0, 3, 1, 3, 0, 2};
  const auto n = static_cast<Index>(inverse.size());
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", m, k, Role::input);
  Params w(layout), g(layout), want_g(layout);
  for (std::size_t i = 0; i < w.flat().size(); ++i)
    w.flat()[i] = static_cast<Real>(RandomKey(1).at(i).normal());
  Mat x = random_matrix(RandomKey(2), k, 4), all(k, n), d = random_matrix(RandomKey(3), m, n);
  for (Index j = 0; j < n; ++j) all.col(j) = x.col(inverse[static_cast<std::size_t>(j)]);
  Workspace ws;

  Mat y(m, n), want_y(m, n);
  product(Weights(w), slot, {view(x), inverse}, y, ws);
  product(Weights(w), slot, all, want_y);
  CHECK((y - want_y).cwiseAbs().maxCoeff() < 1e-5);

  Mat dx = Mat::Ones(k, 4), want_dx = dx, deach = Mat::Zero(k, n);
  product_backward(Weights(w), slot, {view(x), inverse}, d, g, dx, ws);
  add_transposed_product(Weights(w), slot, d, deach);
  add_outer_product(d, all, want_g, slot);
  for (Index j = 0; j < n; ++j) want_dx.col(inverse[static_cast<std::size_t>(j)]) += deach.col(j);
  CHECK((dx - want_dx).cwiseAbs().maxCoeff() < 1e-4);
  double difference = 0;
  for (std::size_t i = 0; i < g.flat().size(); ++i)
    difference = std::max(difference, std::abs(double(g.flat()[i] - want_g.flat()[i])));
  CHECK(difference < 1e-4);
}

TEST_CASE("unique columns without an inverse are multiplied directly") {
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", 5, 3, Role::input);
  Params w(layout), g(layout), want_g(layout);
  std::fill(w.flat().begin(), w.flat().end(), Real(0.5));
  Mat x = random_matrix(RandomKey(1), 3, 4), d = random_matrix(RandomKey(2), 5, 4), y(5, 4),
      want(5, 4);
  Mat dx = Mat::Zero(3, 4), want_dx = dx;
  Workspace ws;
  product(Weights(w), slot, {view(x)}, y, ws);
  product(Weights(w), slot, x, want);
  CHECK(y == want);
  product_backward(Weights(w), slot, {view(x)}, d, g, dx, ws);
  add_transposed_product(Weights(w), slot, d, want_dx);
  add_outer_product(d, x, want_g, slot);
  CHECK(dx == want_dx);
  CHECK(std::equal(g.flat().begin(), g.flat().end(), want_g.flat().begin()));
}

TEST_CASE("an inverse whose size differs from that of the result is a bug") {
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", 5, 3, Role::input);
  Params w(layout), g(layout);
  Mat x = random_matrix(RandomKey(1), 3, 2), y(5, 4), dx = Mat::Zero(3, 2);
  Workspace ws;
  const std::vector<int> inverse = {0, 1, 1};
  CHECK_THROWS_AS(product(Weights(w), slot, {view(x), inverse}, y, ws), Bug);
  CHECK_THROWS_AS(product_backward(Weights(w), slot, {view(x), inverse}, y, g, dx, ws), Bug);
}

}  // namespace attn::test
