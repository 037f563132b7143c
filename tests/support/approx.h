// Comparisons of numbers that may differ by rounding.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include "math/types.h"

namespace attn::test {

// The allowed difference of a number from the expected one:
//   absolute + relative · |expected number| + of_largest · largest |expected number|
struct Tolerance {
  double absolute = 0, relative = 0, of_largest = 0;
};

// Checks each number of `got` against the number at the same index of `want`. A NaN is an error.
template <class Got, class Want>
void check_close(const std::string& what, const Got& got, const Want& want,
                 const Tolerance& tolerance) {
  INFO(what);
  REQUIRE(got.size() == want.size());
  double largest = 0;
  for (const auto number : want) largest = std::max(largest, std::abs(double(number)));
  const double absolute = tolerance.absolute + tolerance.of_largest * largest;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double expected = double(want[i]), difference = std::abs(double(got[i]) - expected);
    if (difference <= absolute + tolerance.relative * std::abs(expected)) continue;
    FAIL_CHECK(what << "[" << i << "]: expected " << expected << ", got " << double(got[i])
                    << "; the largest number is " << largest);
    return;
  }
}

inline void check_number(const std::string& what, double got, double want,
                         const Tolerance& tolerance) {
  check_close(what, std::array{got}, std::array{want}, tolerance);
}

// Checks that the numbers differ by at most `tolerance` times the largest number of `want`.
inline void check_near(const std::string& what, std::span<const Real> got,
                       std::span<const Real> want, double tolerance) {
  check_close(what, got, want, {.of_largest = tolerance});
}

// Checks a matrix product in float that sums `depth` products per number.
inline void check_product(const Mat& got, const Eigen::MatrixXd& want, Index depth) {
  REQUIRE(got.rows() == want.rows());
  const double rounding = 1e-6 * std::sqrt(double(depth));
  check_close("product", std::span(got.data(), static_cast<std::size_t>(got.size())),
              std::span(want.data(), static_cast<std::size_t>(want.size())),
              {.absolute = rounding, .of_largest = rounding});
}

}  // namespace attn::test
