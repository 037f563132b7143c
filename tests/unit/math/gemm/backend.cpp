// Every backend of the table, compared with sums in double.
#include "math/gemm/backend.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "math/gemm/prepared_weights.h"
#include "support/approx.h"
#include "support/matrix.h"

namespace attn::test {
namespace {

// Sizes below and above the limits of microkernels.
const Shape kShapes[] = {{Transpose::no, Transpose::no, 1, 1, 1},
                         {Transpose::no, Transpose::no, 40, 7, 33},
                         {Transpose::no, Transpose::no, 97, 200, 65}};

Mat random(const char* name, Index rows, Index cols) {
  return random_matrix(RandomKey(8).at(name), rows, cols);
}

// Checks y against the expected product. Factors that are rounded to 8 bits have a relative error
// of at most 1/128 each, which partly cancel in a sum.
void check_rounded(const Mat& y, const Eigen::MatrixXd& wanted, Index terms, Precision precision) {
  if (precision == Precision::float32) return check_product(y, wanted, terms);
  CHECK((in_double(y) - wanted).norm() <= 0.02 * wanted.norm() + 0.02);
}

Mat op(const Mat& m, Transpose transpose) {
  return transpose == Transpose::yes ? Mat(m.transpose()) : m;
}

template <class Test>
void for_each_precision(Test test) {
  for (const Precision precision : {Precision::float32, Precision::bfloat16, Precision::int8})
    if (available(precision)) {
      CAPTURE(static_cast<int>(precision));
      test(precision);
    }
}

}  // namespace

TEST_CASE("every backend that computes a product of activations computes it right") {
  int computed = 0;
  for (const auto& backend : backends())
    for (Shape s : kShapes)
      for (const auto& [ta, tb] : {std::pair{Transpose::no, Transpose::no},
                                   {Transpose::yes, Transpose::no},
                                   {Transpose::no, Transpose::yes}}) {
        CAPTURE(backend.name);
        s.a = ta, s.b = tb;
        const Mat a = random("a", s.m, s.k), b = random("b", s.k, s.n);
        const Mat stored_a = op(a, ta), stored_b = op(b, tb);
        Mat c = Mat::Constant(s.m, s.n, 7);
        const auto multiply = [&](bool add) {
          return backend.value.multiply({s,
                                         {stored_a.data(), stored_a.rows()},
                                         {stored_b.data(), stored_b.rows()},
                                         add,
                                         {c.data(), s.m}});
        };
        if (!multiply(false)) continue;
        ++computed;
        check_product(c, in_double(a) * in_double(b), s.k);
        CHECK(multiply(true));
        check_product(c, 2 * in_double(a) * in_double(b), s.k);
      }
  CHECK(computed >= 9);
}

TEST_CASE("every backend that computes a product with a weight computes it right") {
  for_each_precision([](Precision precision) {
    for (const Shape& s : kShapes)
      for (const Transpose transpose : {Transpose::no, Transpose::yes}) {
        int computed = 0;
        for (const auto& backend : backends()) {
          CAPTURE(backend.name);
          const Mat matrix = random("weight", s.m, s.k), x = random("x", s.k, s.n);
          // A weight is stored row by row; `matrix` is the weight or its transpose.
          const Mat stored = transpose == Transpose::no ? Mat(matrix.transpose()) : matrix;
          const PreparedWeights prepared;
          Mat y = Mat::Constant(s.m, s.n, 7);
          const auto multiply = [&](bool add) {
            return backend.value.multiply_weight({.prepared = prepared,
                                                  .precision = precision,
                                                  .transpose = transpose,
                                                  .weight = stored.data(),
                                                  .stride = stored.rows(),
                                                  .m = s.m,
                                                  .n = s.n,
                                                  .k = s.k,
                                                  .x = {x.data(), s.k},
                                                  .add = add,
                                                  .y = {y.data(), s.m}});
          };
          if (!multiply(false)) continue;
          ++computed;
          const Eigen::MatrixXd wanted = in_double(matrix) * in_double(x);
          check_rounded(y, wanted, s.k, precision);
          CHECK(multiply(true));
          check_rounded(y, 2 * wanted, s.k, precision);
        }
        CHECK(computed > 0);
      }
  });
}

TEST_CASE("with AMX, microkernels compute products with weights in low precision for any columns" *
          doctest::test_suite("needs AMX")) {
  const Mat weight = random("weight", 64, 96);
  for (const Precision precision : {Precision::bfloat16, Precision::int8})
    for (const Index n : {1, 33, 700}) {
      const Mat x = random("x", 64, n);
      Mat y(96, n);
      const PreparedWeights prepared;
      CHECK(microkernel_backend().multiply_weight({.prepared = prepared,
                                                   .precision = precision,
                                                   .transpose = Transpose::no,
                                                   .weight = weight.data(),
                                                   .stride = 64,
                                                   .m = 96,
                                                   .n = n,
                                                   .k = 64,
                                                   .x = {x.data(), 64},
                                                   .add = false,
                                                   .y = {y.data(), 96}}));
      check_rounded(y, in_double(weight).transpose() * in_double(x), 64, precision);
    }
}

TEST_CASE("every backend that computes the gradient of a weight computes it right") {
  for_each_precision([](Precision precision) {
    for (const Shape& s : kShapes) {
      int computed = 0;
      for (const auto& backend : backends()) {
        CAPTURE(backend.name);
        const Mat d = random("d", s.m, s.n), x = random("x", s.k, s.n);
        Mat transposed = Mat::Constant(s.k, s.m, 1);  // of the gradient, which is stored by rows
        if (!backend.value.add_gradient({.precision = precision,
                                         .d = {d.data(), s.m},
                                         .x = {x.data(), s.k},
                                         .m = s.m,
                                         .n = s.n,
                                         .k = s.k,
                                         .gradient = transposed.data()}))
          continue;
        ++computed;
        const Mat added = transposed.array() - 1;
        check_rounded(added, in_double(x) * in_double(d).transpose(), s.n, precision);
      }
      CHECK(computed > 0);
    }
  });
}

}  // namespace attn::test
