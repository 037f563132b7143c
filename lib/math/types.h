// The number type of the model, and names for the Eigen types that the project uses.
#pragma once

#include <type_traits>

#include <Eigen/Core>

#include "base/index_span.h"

namespace attn {

using Real = ATTN_REAL;  // float in the program, double in the gradient tests
static_assert(std::is_same_v<Index, Eigen::Index>);
// Matrices are column-major. In a matrix of activations, a column is a token.
using Mat = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

}  // namespace attn
