// Packed products of all sizes around the limits of panels, tiles and blocks, with gaps between
// columns, against sums in double and against exact integer sums.
#include "math/gemm/packed_gemm.h"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "math/gemm/bfloat16.h"
#include "support/approx.h"
#include "support/matrix.h"

namespace attn::test {
namespace {

using packed::DataType;
using packed::Word;

// A product y [m × n] = M x, M [m × k].
struct PackedSize {
  Index m, n, k;
};

// Calls check(size) for sizes with all kinds of incomplete panels, tiles and steps, and for some
// that are divided into blocks.
template <class Check>
void for_each_packed_size(Check check) {
  for (const Index m : {1, 15, 16, 17, 31, 32, 33, 70})
    for (const Index n : {1, 15, 16, 17, 32, 33, 49})
      for (const Index k : {1, 2, 3, 31, 32, 33, 63, 64, 65, 130}) check(PackedSize{m, n, k});
  for (const PackedSize size : {PackedSize{70, 700, 650}, {800, 40, 650}, {50, 40, 20000}})
    check(size);
}

// A matrix with gaps between its columns, which contain NaN.
class Gapped {
 public:
  Gapped(Index rows, Index columns)
      : rows_(rows),
        all_(Mat::Constant(rows + 3, columns, std::numeric_limits<Real>::quiet_NaN())) {}
  MatrixView::Map matrix() { return Out(all_).row_range(0, rows_).map(); }
  const Real* data() const { return all_.data(); }
  Real* data() { return all_.data(); }
  Index stride() const { return rows_ + 3; }
  bool gaps_are_intact() const { return all_.bottomRows(3).array().isNaN().all(); }

 private:
  Index rows_;
  Mat all_;
};

// Returns random numbers that the type represents exactly.
Gapped random_factor(DataType type, RandomKey key, Index rows, Index columns) {
  Gapped factor(rows, columns);
  factor.matrix() = random_matrix(key, rows, columns);
  if (type == DataType::bfloat16)
    for (Real& number : factor.matrix().reshaped()) number = from_bfloat16(bfloat16(number));
  return factor;
}

void check_float_product(DataType type, const PackedSize& size) {
  const Index m = size.m, n = size.n, k = size.k;
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  auto rows = random_factor(type, RandomKey(1), k, m), x = random_factor(type, RandomKey(2), k, n);
  const Eigen::MatrixXd want =
      in_double(Mat(rows.matrix())).transpose() * in_double(Mat(x.matrix()));
  std::vector<Word> packed(static_cast<std::size_t>(packed::size(type, m, k)), 7);
  packed::pack_rows(type, rows.data(), rows.stride(), m, k, packed.data());
  Gapped y(m, n);
  packed::multiply(type, packed.data(), x.data(), x.stride(), m, n, k, false, y.data(), y.stride());
  check_product(y.matrix(), want, k);
  y.matrix().setConstant(3);
  packed::multiply(type, packed.data(), x.data(), x.stride(), m, n, k, true, y.data(), y.stride());
  check_product(y.matrix(), want.array() + 3, k);
  CHECK(y.gaps_are_intact());

  Gapped columns(m, k);
  columns.matrix() = rows.matrix().transpose();
  std::vector<Word> again(packed.size(), 8);
  packed::pack_columns(type, columns.data(), columns.stride(), m, k, again.data());
  CHECK(again == packed);
}

// Returns the i-th of random integers −127 … 127.
int random_byte(RandomKey key, Index i) {
  return static_cast<int>(key.at(static_cast<std::uint64_t>(i)).below(255)) - 127;
}

// Factors of an int8 product. Each column of x contains ±127, so that it is scaled by a power of 2.
struct ByteFactors {
  explicit ByteFactors(const PackedSize& size)
      : rows(static_cast<std::size_t>(size.m * size.k)), x(size.k, size.n) {
    for (Index i = 0; i < size.m * size.k; ++i)
      rows[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(random_byte(RandomKey(3), i));
    for (Index i = 0; i < size.k * size.n; ++i)
      x(i % size.k, i / size.k) = random_byte(RandomKey(4), i);
    for (Index j = 0; j < size.n; ++j) x(j % size.k, j) = j % 2 == 0 ? 127 : -127;
  }

  std::vector<std::int8_t> rows;  // M, row by row
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic> x;
};

// Column j of x is multiplied by 2^(j mod 5), and row i of the product by 2^−(i mod 3).
void check_int8_product(const PackedSize& size) {
  const Index m = size.m, n = size.n, k = size.k;
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  const ByteFactors factors(size);
  Gapped x(k, n), y(m, n);
  std::vector<float> scales(static_cast<std::size_t>(m));
  for (Index i = 0; i < m; ++i)
    scales[static_cast<std::size_t>(i)] = static_cast<float>(std::ldexp(1, -int(i % 3)));
  for (Index j = 0; j < n; ++j)
    for (Index p = 0; p < k; ++p)
      x.matrix()(p, j) = static_cast<float>(std::ldexp(double(factors.x(p, j)), int(j % 5)));
  std::vector<Word> packed(static_cast<std::size_t>(packed::size(DataType::int8, m, k)), 7);
  packed::pack_bytes(factors.rows.data(), k, m, k, packed.data());

  Mat want(m, n);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i) {
      std::int64_t sum = 0;
      for (Index p = 0; p < k; ++p)
        sum += factors.rows[static_cast<std::size_t>(i * k + p)] * factors.x(p, j);
      want(i, j) = static_cast<float>(std::ldexp(static_cast<float>(sum), int(j % 5 - i % 3)));
    }
  const auto multiply = [&](bool add) {
    packed::multiply_bytes(packed.data(), scales.data(), x.data(), x.stride(), m, n, k, add,
                           y.data(), y.stride());
  };
  multiply(false);
  CHECK((y.matrix().array() == want.array()).all());
  multiply(true);
  CHECK((y.matrix().array() == 2 * want.array()).all());
  CHECK(y.gaps_are_intact());
}

// Compares columns that are multiplied together with columns that are multiplied alone.
void check_single_columns(DataType type, const PackedSize& size) {
  const Index m = size.m, n = size.n, k = size.k;
  auto rows = random_factor(type, RandomKey(1), k, m);
  const Gapped x = random_factor(type, RandomKey(2), k, n);
  const ByteFactors bytes(size);
  const std::vector<float> scales(static_cast<std::size_t>(m), 0.1F);
  std::vector<Word> packed(static_cast<std::size_t>(packed::size(type, m, k)));
  const auto multiply = [&](const Real* from, Index columns, Mat& y) {
    if (type == DataType::int8)
      packed::multiply_bytes(packed.data(), scales.data(), from, x.stride(), m, columns, k, false,
                             y.data(), m);
    else
      packed::multiply(type, packed.data(), from, x.stride(), m, columns, k, false, y.data(), m);
  };
  if (type == DataType::int8)
    packed::pack_bytes(bytes.rows.data(), k, m, k, packed.data());
  else
    packed::pack_rows(type, rows.data(), rows.stride(), m, k, packed.data());
  Mat all(m, n), one(m, 1);
  multiply(x.data(), n, all);
  for (Index j = 0; j < n; ++j) {
    multiply(x.data() + j * x.stride(), 1, one);
    CHECK((one.array() == all.col(j).array()).all());
  }
}

// Checks G [m × n] += d xᵀ with a depth of k tokens.
void check_outer_product(const PackedSize& size) {
  const Index m = size.m, n = size.n, k = size.k;
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  auto d = random_factor(DataType::bfloat16, RandomKey(1), m, k),
       x = random_factor(DataType::bfloat16, RandomKey(2), n, k);
  const Eigen::MatrixXd want = in_double(Mat(x.matrix())) * in_double(Mat(d.matrix())).transpose();
  Gapped transposed(n, m);
  transposed.matrix().setConstant(3);
  packed::add_outer(d.data(), d.stride(), x.data(), x.stride(), m, n, k, transposed.data(),
                    transposed.stride());
  check_product(transposed.matrix(), want.array() + 3, k);
  CHECK(transposed.gaps_are_intact());
}

}  // namespace

TEST_CASE("packed products in float32 equal sums in double for all sizes" *
          doctest::test_suite("needs AVX2")) {
  for_each_packed_size([](const PackedSize& s) { check_float_product(DataType::float32, s); });
}

TEST_CASE("packed products in bfloat16 equal sums in double for all sizes" *
          doctest::test_suite("needs AVX-512 BF16")) {
  for_each_packed_size([](const PackedSize& s) { check_float_product(DataType::bfloat16, s); });
}

TEST_CASE("packed products of int8 numbers equal integer sums for all sizes" *
          doctest::test_suite("needs AMX")) {
  for_each_packed_size(check_int8_product);
}

TEST_CASE("packed outer products in bfloat16 equal sums in double for all sizes" *
          doctest::test_suite("needs AMX")) {
  for_each_packed_size(check_outer_product);
}

TEST_CASE("a column of a product by tiles does not depend on the other columns" *
          doctest::test_suite("needs AMX")) {
  for (const DataType type : {DataType::bfloat16, DataType::int8})
    for (const PackedSize size : {PackedSize{33, 40, 70}, {50, 700, 650}})
      check_single_columns(type, size);
}

TEST_CASE("a column of zeros, or of numbers too small to scale, has an int8 product of zero" *
          doctest::test_suite("needs AMX")) {
  const PackedSize size = {.m = 20, .n = 2, .k = 70};
  const ByteFactors factors(size);
  const std::vector<float> scales(20, 1);
  Mat x(70, 2), y(20, 2);
  x.col(0).setZero();
  x.col(1).setConstant(1e-35F);
  std::vector<Word> packed(static_cast<std::size_t>(packed::size(DataType::int8, 20, 70)));
  packed::pack_bytes(factors.rows.data(), 70, 20, 70, packed.data());
  packed::multiply_bytes(packed.data(), scales.data(), x.data(), 70, 20, 2, 70, false, y.data(),
                         20);
  CHECK(y.isZero(0));
}

}  // namespace attn::test
