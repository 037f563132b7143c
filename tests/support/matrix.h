// Views and conversions of matrices, and random matrices.
#pragma once

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "math/types.h"

namespace attn::test {

// Returns a view of the whole matrix.
inline View view(Mat& m) {
  return View(m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(std::max<Index>(m.rows(), 1)));
}

// Returns a view of numbers in column-major order.
inline ConstView view(const std::vector<Real>& numbers, Index rows, Index cols) {
  return ConstView(numbers.data(), rows, cols, Eigen::OuterStride<>(rows));
}

inline Eigen::MatrixXd in_double(const Mat& m) {
  return m.cast<double>();
}

// Return normally distributed random numbers, the i-th from key.at(i).
inline std::vector<Real> random_numbers(RandomKey key, Index n) {
  std::vector<Real> numbers(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<Real>(key.at(i).normal());
  return numbers;
}
inline Mat random_matrix(RandomKey key, Index rows, Index cols, double deviation = 1) {
  Mat m(rows, cols);
  for (Index i = 0; i < m.size(); ++i)
    m.data()[i] = static_cast<Real>(deviation * key.at(static_cast<std::uint64_t>(i)).normal());
  return m;
}

}  // namespace attn::test
