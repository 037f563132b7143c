// The number type of the model, and names for the Eigen types that the project uses.
#pragma once

#include <Eigen/Core>

#include "base/index_span.h"

namespace attn {

using Real = ATTN_REAL;  // float in the program, double in the gradient tests
static_assert(std::is_same_v<Index, Eigen::Index>);
// Matrices are column-major. In a matrix of activations, a column is a token.
using Mat = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
// Views of a matrix, or of some of its rows and columns. Assigning to a View copies numbers and
// does not make it refer to other memory.
using View = Eigen::Map<Mat, Eigen::Unaligned, Eigen::OuterStride<>>;
using ConstView = Eigen::Map<const Mat, Eigen::Unaligned, Eigen::OuterStride<>>;
// Parameters of functions: a matrix that is read, and one that is assigned, or accumulated into if
// its name starts with d.
using In = const Eigen::Ref<const Mat>&;
using Out = Eigen::Ref<Mat>;

// Returns rows [begin, begin + count) of m.
inline View rows(const View& m, Index begin, Index count) {
  return View(const_cast<Real*>(m.data()) + begin, count, m.cols(),
              Eigen::OuterStride<>(m.outerStride()));
}
// Returns columns [begin, begin + count) of m.
inline View columns(const View& m, Index begin, Index count) {
  return View(const_cast<Real*>(m.data()) + begin * m.outerStride(), m.rows(), count,
              Eigen::OuterStride<>(m.outerStride()));
}

}  // namespace attn
