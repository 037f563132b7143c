// The microkernels of each instruction set against plain sums in double.
#include "math/gemm/microkernels.h"

#include <bit>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "support/approx.h"

namespace attn::test {
namespace {

enum class KernelInput { float32, bfloat16 };

// Returns random numbers that the input type represents exactly: bfloat16 is the upper half of a
// float.
std::vector<float> exact_numbers(RandomKey key, Index n, KernelInput input) {
  std::vector<float> numbers(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(key.at(i).normal()));
    numbers[i] = std::bit_cast<float>(input == KernelInput::bfloat16 ? bits & 0xFFFF0000U : bits);
  }
  return numbers;
}

// Returns word p of a row: a float, or two consecutive numbers as bfloat16, the first one in the
// lower half.
std::uint32_t word(const float* row, Index p, KernelInput input) {
  if (input == KernelInput::float32) return std::bit_cast<std::uint32_t>(row[p]);
  return std::bit_cast<std::uint32_t>(row[2 * p]) >> 16 |
         (std::bit_cast<std::uint32_t>(row[2 * p + 1]) & 0xFFFF0000U);
}

struct KernelProblem {
  Index mr, columns, depth, x_stride;
  KernelInput input;

  Index k() const { return input == KernelInput::bfloat16 ? 2 * depth : depth; }
};

void check_kernel(packed::Microkernel kernel, const KernelProblem& problem) {
  const auto& [mr, columns, depth, x_stride, input] = problem;
  const Index k = problem.k();
  const auto a = exact_numbers(RandomKey(1), mr * k, input),  // row by row
      x = exact_numbers(RandomKey(2), columns * k, input);    // column by column
  std::vector<std::uint32_t> panel(static_cast<std::size_t>(mr * depth)),
      x_words(static_cast<std::size_t>(columns * x_stride), 0xFFFFFFFFU);  // gaps are NaN
  Eigen::MatrixXd want = Eigen::MatrixXd::Zero(mr, columns);
  for (Index i = 0; i < mr; ++i)
    for (Index p = 0; p < depth; ++p)
      panel[static_cast<std::size_t>(p * mr + i)] = word(a.data() + i * k, p, input);
  for (Index j = 0; j < columns; ++j)
    for (Index p = 0; p < depth; ++p)
      x_words[static_cast<std::size_t>(j * x_stride + p)] = word(x.data() + j * k, p, input);
  for (Index i = 0; i < mr; ++i)
    for (Index j = 0; j < columns; ++j)
      for (Index p = 0; p < k; ++p)
        want(i, j) += double(a[static_cast<std::size_t>(i * k + p)]) *
                      double(x[static_cast<std::size_t>(j * k + p)]);

  Mat y = Mat::Ones(mr + 3, columns);  // three rows more than the kernel writes
  for (const bool add : {true, false}) {
    CAPTURE(add);
    kernel(depth, panel.data(), panel.data(), x_words.data(), x_stride, add, y.data(), mr + 3);
    check_product(y.topRows(mr), add ? Eigen::MatrixXd(want.array() + 1) : want, k);
    CHECK((y.bottomRows(3).array() == 1).all());
  }
}

void check_kernels(const packed::Microkernels* kernels, KernelInput input) {
  REQUIRE(kernels);
  for (Index columns = 1; columns <= kernels->nr; ++columns)
    for (const Index depth : {1, 2, 37})
      for (const Index gap : {0, 3}) {
        CAPTURE(columns);
        CAPTURE(depth);
        CAPTURE(gap);
        check_kernel(kernels->kernels[columns - 1], {.mr = kernels->mr,
                                                     .columns = columns,
                                                     .depth = depth,
                                                     .x_stride = depth + gap,
                                                     .input = input});
      }
}

}  // namespace

TEST_CASE("the AVX2 microkernels compute products" * doctest::test_suite("needs AVX2")) {
  check_kernels(packed::avx2_microkernels(), KernelInput::float32);
}

TEST_CASE("the AVX-512 microkernels compute products" * doctest::test_suite("needs AVX-512")) {
  check_kernels(packed::avx512_microkernels(), KernelInput::float32);
}

TEST_CASE("the AVX-512 BF16 microkernels compute products of bfloat16 numbers" *
          doctest::test_suite("needs AVX-512 BF16")) {
  check_kernels(packed::avx512_bf16_microkernels(), KernelInput::bfloat16);
}

}  // namespace attn::test
