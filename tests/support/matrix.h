// Views and conversions of matrices, and random matrices.
#pragma once

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "math/matrix_view.h"

namespace attn::test {

// Returns a view of the whole matrix.
inline MatrixView view(Mat& m) {
  return m;
}

// Returns a view of numbers in column-major order.
inline ConstMatrixView view(const std::vector<Real>& numbers, Index rows, Index cols) {
  return ConstMatrixView(numbers.data(), rows, cols);
}

inline Eigen::MatrixXd in_double(ConstMatrixView m) {
  return m.map().cast<double>();
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
