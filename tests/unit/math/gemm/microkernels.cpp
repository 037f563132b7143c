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

// Integers that bfloat16 and int8 represent exactly, and whose sums float represents exactly.
struct TileNumbers {
  RandomKey key;
  Index depth;
  int at(Index row, Index p) const {
    return static_cast<int>(key.at(static_cast<std::uint64_t>(row * depth + p)).below(255)) - 127;
  }
};

// Writes number p of a row to the byte or pair of bytes of the given word, where it belongs.
void put_number(std::uint32_t& word, Index p, Index per_word, int number) {
  const Index bits = 32 / per_word, shift = p % per_word * bits;
  const std::uint32_t low_bits =
      per_word == 4 ? static_cast<std::uint8_t>(number)
                    : std::bit_cast<std::uint32_t>(static_cast<float>(number)) >> 16;
  word |= low_bits << shift;
}

// Multiplies a panel by tiles of `first` and `second` columns, with `per_word` numbers per word.
template <class Sum>
void check_tile_block(void (*multiply)(const packed::TileBlock&), Index per_word, Index first,
                      Index second) {
  const Index steps = 3, words = 16 * steps, k = words * per_word, columns = first + second;
  const TileNumbers a{RandomKey(1), k}, x{RandomKey(2), k};
  std::vector<std::uint32_t> panel(static_cast<std::size_t>(32 * words)),
      tiles(static_cast<std::size_t>(2 * 16 * words));
  for (Index p = 0; p < k; ++p) {
    const Index word = p / per_word;
    for (Index i = 0; i < 32; ++i)
      put_number(panel[static_cast<std::size_t>(word * 32 + i)], p, per_word, a.at(i, p));
    for (Index j = 0; j < columns; ++j) {
      const Index tile = j < first ? 0 : 1, column = j - tile * first;
      put_number(tiles[static_cast<std::size_t>(((tile * steps + word / 16) * 16 + column) * 16 +
                                                word % 16)],
                 p, per_word, x.at(j, p));
    }
  }
  Eigen::Matrix<Sum, Eigen::Dynamic, Eigen::Dynamic> want(32, columns), y(35, columns);
  for (Index i = 0; i < 32; ++i)
    for (Index j = 0; j < columns; ++j) {
      Index sum = 0;
      for (Index p = 0; p < k; ++p) sum += a.at(i, p) * x.at(j, p);
      want(i, j) = static_cast<Sum>(sum);
    }
  y.setConstant(5);
  const auto* x_bytes = reinterpret_cast<const char*>(tiles.data());
  for (const bool add : {true, false}) {
    CAPTURE(add);
    packed::amx_kernels()->configure(first, second);
    multiply({.steps = steps,
              .panel = reinterpret_cast<const char*>(panel.data()),
              .tiles = {x_bytes, second > 0 ? x_bytes + steps * packed::kTileBytes : nullptr},
              .first = first,
              .add = add,
              .y = y.data(),
              .y_stride = 35});
    packed::amx_kernels()->release();
    const Sum before = add ? 5 : 0;
    CHECK((y.topRows(32).array() == want.array() + before).all());
    CHECK((y.bottomRows(3).array() == 5).all());  // not part of the block
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

TEST_CASE("the AMX kernels multiply one or two tiles of any width" *
          doctest::test_suite("needs AMX")) {
  for (const Index first : {1, 9, 16})
    for (const Index second : {0, 1, 8, 16}) {
      CAPTURE(first);
      CAPTURE(second);
      check_tile_block<float>(packed::amx_kernels()->multiply_bfloat16, 2, first, second);
      check_tile_block<std::int32_t>(packed::amx_kernels()->multiply_int8, 4, first, second);
    }
}

}  // namespace attn::test
