// All implementations of matrix products, compared with sums in double.
#include "math/gemm/product.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <doctest/doctest.h>

#include "base/parallel.h"
#include "base/random.h"
#include "math/gemm/bfloat16.h"
#include "math/gemm/int8_gemm.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/precision.h"
#include "support/approx.h"
#include "support/matrix.h"

namespace attn::test {
namespace {

// Sizes at, below and above the limits of microkernels and blocks.
const std::vector<Index> kSizes = {1, 5, 6, 7, 15, 16, 17, 31, 32, 33, 40, 97};

struct Weight {
  Weight(Index out, Index in)
      : slot(Scope(layout).matrix("w", out, in, Role::input)), params(layout) {
    const auto numbers = random_numbers(RandomKey(3), out * in);
    std::copy(numbers.begin(), numbers.end(), params.data(slot));
  }
  Mat matrix() const { return params.transposed(slot).map().transpose(); }

  Layout layout;
  Slot slot;
  Params params;
};

// Compares y = W x, y += W x and dx += Wᵀ d with the same products in double.
void check_weight(const Weight& w, const Weights& weights, Index columns) {
  const Index out = w.slot.rows, in = w.slot.cols;
  const auto x = random_numbers(RandomKey(4), in * columns);
  const auto d = random_numbers(RandomKey(5), out * columns);
  const Eigen::MatrixXd wanted = in_double(w.matrix()) * in_double(view(x, in, columns));
  Mat y = Mat::Constant(out, columns, 7);
  product(weights, w.slot, view(x, in, columns), y);
  check_product(y, wanted, in);
  add_product(weights, w.slot, view(x, in, columns), y);
  check_product(y, 2 * wanted, in);
  Mat dx = Mat::Constant(in, columns, 7);
  add_transposed_product(weights, w.slot, view(d, out, columns), dx);
  check_product(
      dx, (in_double(w.matrix()).transpose() * in_double(view(d, out, columns))).array() + 7.0,
      out);
}

// Compares packed products with sums in double, and columns multiplied together with columns
// multiplied one at a time.
void check_packed(packed::DataType type) {
  using packed::Word;
  const Index m = 69, n = 25;
  for (const Index k : {1, 8, 37, 500, 2101}) {
    CAPTURE(k);
    auto a = random_numbers(RandomKey(1), m * k), x = random_numbers(RandomKey(2), n * k);
    if (type == packed::DataType::bfloat16)  // exact factors: only the sums are rounded
      for (auto* all : {&a, &x})
        for (Real& number : *all) number = from_bfloat16(bfloat16(number));
    const Eigen::MatrixXd wanted = in_double(view(a, k, m)).transpose() * in_double(view(x, k, n));
    std::vector<Word> packed(static_cast<std::size_t>(packed::size(type, m, k)), 7);
    packed::pack_rows(type, a.data(), k, m, k, packed.data());
    Mat all(m, n), one(m, 1);
    packed::multiply(type, packed.data(), x.data(), k, m, n, k, false, all.data(), m);
    check_product(all, wanted, k);
    for (Index j = 0; j < n; ++j) {
      packed::multiply(type, packed.data(), x.data() + j * k, k, m, 1, k, false, one.data(), m);
      CHECK((one.array() == all.col(j).array()).all());
    }
    const Mat columns = view(a, k, m).map().transpose();
    std::vector<Word> again(packed.size(), 8);
    packed::pack_columns(type, columns.data(), m, m, k, again.data());
    CHECK(again == packed);
  }
}

}  // namespace

TEST_CASE("products with a weight equal sums in double, when it is prepared and afterwards") {
  for (const Index out : kSizes)
    for (const Index in : {Index(2), Index(8), Index(33), Index(801)})
      for (const Index columns : {Index(1), Index(6), Index(32), Index(200)}) {
        CAPTURE(out);
        CAPTURE(in);
        CAPTURE(columns);
        const Weight w(out, in);
        const Weights weights(w.params);
        check_weight(w, weights, columns);
        check_weight(w, weights, columns);
      }
}

TEST_CASE("a weight that changed is prepared again") {
  Weight w(20, 30);
  Weights weights(w.params);
  Pool pool(2);
  for (int update = 0; update < 3; ++update) {
    check_weight(w, weights, 4);
    for (Real& number : w.params.flat()) number *= -2;
    weights.renew(pool);
  }
  check_weight(w, weights, 4);
}

TEST_CASE("int8 products of numbers with at most 8 bits are exact" *
          doctest::test_suite("needs int8")) {
  for (const Index m : {1, 16, 97})
    for (const Index n : {1, 5, 40})
      for (const Index k : {2, 33, 500}) {
        Weight w(m, k);
        std::vector<Real> x(static_cast<std::size_t>(n * k));
        const RandomKey key =
            RandomKey(6).at(static_cast<std::uint64_t>(m * 100000 + n * 1000 + k));
        const int max = max_quantized_activation();
        for (Index i = 0; i < m * k; ++i)  // each row and each column contains its maximum
          w.params.data(w.slot)[i] =
              i % k == 0 ? Real(127)
                         : Real(key.at("w").at(static_cast<std::uint64_t>(i)).below(255)) - 127;
        for (Index i = 0; i < n * k; ++i)
          x[static_cast<std::size_t>(i)] =
              (i % k == k - 1 ? Real(-max)
                              : Real(key.at("x")
                                         .at(static_cast<std::uint64_t>(i))
                                         .below(static_cast<std::uint64_t>(2 * max + 1))) -
                                    Real(max)) /
              4;
        const Eigen::MatrixXd wanted = in_double(w.matrix()) * in_double(view(x, k, n));
        const Weights weights(w.params, Precision::int8);
        Mat y(m, n);
        product(weights, w.slot, view(x, k, n), y);
        CHECK((in_double(y) - wanted).cwiseAbs().maxCoeff() <= 1e-6 * wanted.cwiseAbs().maxCoeff());
        add_product(weights, w.slot, view(x, k, n), y);
        CHECK((in_double(y) - 2 * wanted).cwiseAbs().maxCoeff() <=
              1e-6 * wanted.cwiseAbs().maxCoeff());
      }
}

TEST_CASE("int8 products have a small relative error, and zeros are exact" *
          doctest::test_suite("needs int8")) {
  Weight w(200, 300);
  auto x = random_numbers(RandomKey(7), 3 * 300);
  std::fill_n(x.begin(), 300, Real(0));
  const Eigen::MatrixXd wanted = in_double(w.matrix()) * in_double(view(x, 300, 3));
  Mat y(200, 3);
  Weights weights(w.params, Precision::int8);
  Pool pool(2);
  product(weights, w.slot, view(x, 300, 3), y);
  CHECK(y.col(0).isZero(0));
  const double off = (in_double(y) - wanted).norm() / wanted.norm();
  CHECK(off < 0.02);
  CHECK(off > 1e-4);  // not computed in float32
  for (Real& number : w.params.flat()) number *= -2;
  weights.renew(pool);
  product(weights, w.slot, view(x, 300, 3), y);
  CHECK((in_double(y) + 2 * wanted).norm() / wanted.norm() < 0.04);
}

// The expected products are rounded in the same way, so that only the rounding of sums differs.
TEST_CASE(
    "bfloat16 products with a weight and its gradient equal sums of rounded factors in double" *
    doctest::test_suite("needs bfloat16")) {
  const auto rounded = [](Mat m) {
    for (Real& number : m.reshaped()) number = from_bfloat16(bfloat16(static_cast<float>(number)));
    return in_double(m);
  };
  for (const Index out : {1, 16, 33, 97})
    for (const Index in : {2, 33, 801})
      for (const Index columns : {1, 6, 13, 97, 200}) {
        CAPTURE(out);
        CAPTURE(in);
        CAPTURE(columns);
        Weight w(out, in);
        const auto x = random_numbers(RandomKey(4), (in + 3) * columns);
        const auto d = random_numbers(RandomKey(5), out * columns);
        const ConstMatrixView xs(x.data() + 1, in, columns, in + 3);
        // A vector is not rounded.
        const auto factor = [&](ConstMatrixView m) {
          return std::min(out, in) == 1 ? in_double(m) : rounded(m.map());
        };
        const Eigen::MatrixXd wr = factor(w.matrix()), xr = factor(xs),
                              dr = factor(view(d, out, columns));
        const Weights weights(w.params, Precision::bfloat16);
        Mat y = Mat::Constant(out, columns, 7);
        product(weights, w.slot, xs, y);
        check_product(y, wr * xr, in);
        add_product(weights, w.slot, xs, y);
        check_product(y, 2 * wr * xr, in);
        Mat dx = Mat::Constant(in, columns, 7);
        add_transposed_product(weights, w.slot, view(d, out, columns), dx);
        check_product(dx, (wr.transpose() * dr).array() + 7.0, out);
        Params gradients(w.layout);
        const WeightGradients g(gradients, Precision::bfloat16);
        add_outer_product(view(d, out, columns), xs, g, w.slot);
        add_outer_product(view(d, out, columns), xs, g, w.slot);
        check_product(g.transposed(w.slot).map().transpose(), 2 * dr * xr.transpose(), columns);
      }
}

TEST_CASE("products of two activations equal sums in double") {
  for (const Index m : kSizes)
    for (const Index n : kSizes)
      for (const Index k : {Index(1), Index(7), Index(64)}) {
        const auto a = random_numbers(RandomKey(1), m * k), b = random_numbers(RandomKey(2), n * k);
        const Eigen::MatrixXd want =
            in_double(view(a, k, m)).transpose() * in_double(view(b, k, n));
        Mat c(m, n);
        product_tn(view(a, k, m), view(b, k, n), c);
        check_product(c, want, k);
        add_product_nn(Mat(view(a, k, m).map().transpose()), view(b, k, n), c);
        check_product(c, 2 * want, k);
        add_product_nt(Mat(view(a, k, m).map().transpose()), Mat(view(b, k, n).map().transpose()),
                       c);
        check_product(c, 3 * want, k);
      }
}

TEST_CASE("a column of a packed product in float32 does not depend on the other columns" *
          doctest::test_suite("needs AVX2")) {
  check_packed(packed::DataType::float32);
}

TEST_CASE("a column of a packed product in bfloat16 does not depend on the other columns" *
          doctest::test_suite("needs AVX-512 BF16")) {
  check_packed(packed::DataType::bfloat16);
}

TEST_CASE("conversion to bfloat16 rounds to nearest, ties to even, and keeps infinities and NaN") {
  const auto rounded = [](float x) { return from_bfloat16(bfloat16(x)); };
  for (const float x : {0.0F, 1.0F, -1.5F, 0x1.02p5F, 0x1.fep-126F}) CHECK(rounded(x) == x);
  CHECK(rounded(0x1.01p0F) == 0x1.00p0F);  // halfway between 0x1.00 and 0x1.02
  CHECK(rounded(0x1.03p0F) == 0x1.04p0F);
  CHECK(rounded(0x1.010002p0F) == 0x1.02p0F);
  CHECK(rounded(-0x1.0efffep0F) == -0x1.0ep0F);
  CHECK(rounded(0x1.fffffep127F) == std::numeric_limits<float>::infinity());
  CHECK(rounded(-std::numeric_limits<float>::infinity()) ==
        -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(rounded(std::bit_cast<float>(0x7fffffffU))));
  CHECK(std::isnan(rounded(std::bit_cast<float>(0x7f800001U))));
}

}  // namespace attn::test
