#include "math/gemm/backend.h"

namespace attn {
namespace {

using ConstMap = Eigen::Map<const Mat, Eigen::Unaligned, Eigen::OuterStride<>>;

// Returns op(m), of shape [rows × cols], without the transposition.
ConstMap eigen_map(Strided<const Real> m, Transpose transpose, Index rows, Index cols) {
  const bool transposed = transpose == Transpose::yes;
  return ConstMap(m.data, transposed ? cols : rows, transposed ? rows : cols,
                  Eigen::OuterStride<>(m.stride));
}

bool multiply_by_eigen(const Product& p) {
  const Shape& s = p.shape;
  const ConstMap a = eigen_map(p.a, s.a, s.m, s.k), b = eigen_map(p.b, s.b, s.k, s.n);
  Eigen::Map<Mat, Eigen::Unaligned, Eigen::OuterStride<>> c(p.c.data, s.m, s.n,
                                                            Eigen::OuterStride<>(p.c.stride));
  if (!p.add) c.setZero();
  const bool at = s.a == Transpose::yes, bt = s.b == Transpose::yes;
  if (!at && !bt) c.noalias() += a * b;
  if (at && !bt) c.noalias() += a.transpose() * b;
  if (!at && bt) c.noalias() += a * b.transpose();
  return !(at && bt);
}

// A weight that is stored row by row is the transpose of a column-major matrix.
bool multiply_weight_by_eigen(const WeightProduct& p) {
  if (p.rounded_precision() != Precision::float32) return false;
  const Transpose a = p.transpose == Transpose::no ? Transpose::yes : Transpose::no;
  return multiply_by_eigen(
      {{a, Transpose::no, p.m, p.n, p.k}, {p.weight, p.stride}, p.x, p.add, p.y});
}

// Computes gWᵀ += x dᵀ.
bool add_gradient_by_eigen(const GradientProduct& p) {
  if (p.rounded_precision() != Precision::float32) return false;
  return multiply_by_eigen(
      {{Transpose::no, Transpose::yes, p.k, p.m, p.n}, p.x, p.d, true, {p.gradient, p.k}});
}

std::string eigen_version() {
  return "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
         std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION);
}

}  // namespace

Backend eigen_backend() {
  return {.version = eigen_version,
          .multiply = multiply_by_eigen,
          .multiply_weight = multiply_weight_by_eigen,
          .add_gradient = add_gradient_by_eigen};
}

}  // namespace attn
