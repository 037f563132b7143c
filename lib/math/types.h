// The number type of the model and every Eigen name of the project.
#pragma once

#include <Eigen/Core>

namespace attn {

using Real = ATTN_REAL;  // float in the program, double in the gradient tests
using Index = Eigen::Index;
using Mat =
    Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;  // column-major; a column is a token
using View = Eigen::Map<Mat, Eigen::Unaligned, Eigen::OuterStride<>>;
using ConstView = Eigen::Map<const Mat, Eigen::Unaligned, Eigen::OuterStride<>>;
using In = const Eigen::Ref<const Mat>&;  // read
using Out = Eigen::Ref<Mat>;              // assigned, or added to if its name starts with d

// Rows [begin, begin + count) of m.
inline View rows(const View& m, Index begin, Index count) {
  return View(const_cast<Real*>(m.data()) + begin, count, m.cols(),
              Eigen::OuterStride<>(m.outerStride()));
}
// Columns [begin, begin + count) of m.
inline View columns(const View& m, Index begin, Index count) {
  return View(const_cast<Real*>(m.data()) + begin * m.outerStride(), m.rows(), count,
              Eigen::OuterStride<>(m.outerStride()));
}

}  // namespace attn
