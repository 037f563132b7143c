#include "math/gemm/product.h"

#include <string>
#include <type_traits>

#include "base/error.h"
#include "base/profile.h"
#include "math/gemm/bf16_gemm.h"
#include "math/gemm/int8_gemm.h"
#include "math/gemm/onednn.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/prepared_weights.h"

namespace attn {
namespace {

using onednn::Shape;
using onednn::Transpose;
using packed::DataType;

// Maximum number of columns of products by microkernels. With more columns, oneDNN packs the weight
// in a small fraction of the time of the product.
constexpr Index kMaxColumns = 96;

// The columns of a matrix.
template <class Number>
struct Columns {
  Number* data;
  Index stride;
};

Columns<const Real> columns(In x) {
  return {x.data(), x.stride()};
}
Columns<Real> columns(Out y) {
  return {y.data(), y.stride()};
}

// Multiplies with Eigen: in double, and in float without oneDNN.
template <class Number>
void multiply_by_eigen(const Shape& s, Columns<const Number> a, Columns<const Number> b, bool add,
                       Columns<Number> c) {
  using Matrix = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic>;
  using Const = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
  const bool at = s.a == Transpose::yes, bt = s.b == Transpose::yes;
  const Const am(a.data, at ? s.k : s.m, at ? s.m : s.k, Eigen::OuterStride<>(a.stride));
  const Const bm(b.data, bt ? s.n : s.k, bt ? s.k : s.n, Eigen::OuterStride<>(b.stride));
  Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>> cm(c.data, s.m, s.n,
                                                                Eigen::OuterStride<>(c.stride));
  if (!add) cm.setZero();
  if (!at && !bt) cm.noalias() += am * bm;
  if (at && !bt) cm.noalias() += am.transpose() * bm;
  if (!at && bt) cm.noalias() += am * bm.transpose();
}

// Computes c [m × n] = or += op(a) op(b). Requires sizes above 0.
template <class Number>
void multiply_full(const Shape& shape, Columns<const Number> a, Columns<const Number> b, bool add,
                   Columns<Number> c) {
  if constexpr (onednn::kAvailable && std::is_same_v<Number, float>)
    onednn::multiply(shape, a.data, a.stride, b.data, b.stride, add, c.data, c.stride);
  else
    multiply_by_eigen(shape, a, b, add, c);
}

// Counts the operations of a product and returns whether there is something to multiply. If k is 0,
// sets an assigned result to zero.
bool begin_product(const Shape& s, bool add, Out c) {
  if (s.m == 0 || s.n == 0) return false;
  count_operations(2 * s.m * s.n * s.k);
  if (s.k == 0 && !add) c.set_zero();
  return s.k > 0;
}

void multiply(const Shape& shape, In a, In b, bool add, Out c) {
  if (begin_product(shape, add, c)) multiply_full(shape, columns(a), columns(b), add, columns(c));
}

// A weight [m × k] (Transpose::yes, because it is stored row by row) or its transpose.
template <class Number>
struct Factor {
  Transpose transpose;
  const Number* weight;
  Index stride;
};

// Computes y = or += M x with the packed weight. Does nothing and returns false if there are many
// columns or the processor has no packed products.
bool multiply_packed(const PreparedWeights& prepared, DataType type, const Factor<float>& f,
                     const Shape& s, Columns<const float> x, bool add, Columns<float> y) {
  if (s.n > kMaxColumns) return false;
  const StridedMatrix matrix = {
      .data = f.weight, .stride = f.stride, .row_major = f.transpose == Transpose::yes};
  const auto* packed = prepared.packed(type, matrix, s.m, s.k);
  if (!packed) return false;
  packed::multiply(type, packed, x.data, x.stride, s.m, s.n, s.k, add, y.data, y.stride);
  return true;
}

// Returns whether a weight has one row or column. oneDNN cannot determine whether such a bfloat16
// matrix is transposed, and low precision would not save time.
bool is_vector(Index rows, Index columns) {
  return rows == 1 || columns == 1;
}

void multiply_weight_bf16(const PreparedWeights& prepared, const Factor<float>& f, const Shape& s,
                          Columns<const float> x, bool add, Columns<float> y) {
  if (multiply_packed(prepared, DataType::bfloat16, f, s, x, add, y)) return;
  multiply_bf16(s, prepared.rounded(f.weight, s.m * s.k), f.stride, x.data, x.stride, add, y.data,
                y.stride);
}

[[maybe_unused]] void multiply_weight(const Weights& w, const Factor<float>& f, const Shape& s,
                                      Columns<const float> x, bool add, Columns<float> y) {
  const PreparedWeights& prepared = w.prepared();
  if (w.precision() == Precision::int8 && f.transpose == Transpose::yes)
    return multiply_int8(prepared.quantized(f.weight, s.m, s.k), s.m, s.k, x.data, x.stride, s.n,
                         add, y.data, y.stride);
  if (w.precision() == Precision::bfloat16 && !is_vector(s.m, s.k))
    return multiply_weight_bf16(prepared, f, s, x, add, y);
  if (!multiply_packed(prepared, DataType::float32, f, s, x, add, y))
    multiply_full(s, {f.weight, f.stride}, x, add, y);
}

[[maybe_unused]] void multiply_weight(const Weights&, const Factor<double>& f, const Shape& s,
                                      Columns<const double> x, bool add, Columns<double> y) {
  multiply_full(s, {f.weight, f.stride}, x, add, y);
}

// Computes y = or += W x (Transpose::yes) or Wᵀ x.
void multiply_weight(const Weights& w, Slot weight, Transpose transpose, In x, bool add, Out y) {
  const Shape shape{transpose, Transpose::no, y.rows(), y.cols(), x.rows()};
  if (begin_product(shape, add, y))
    multiply_weight(w, Factor<Real>{transpose, w.data(weight), weight.cols}, shape, columns(x), add,
                    columns(y));
}

// Computes gW += d xᵀ as gWᵀ += x dᵀ, because gW is stored row by row.
template <class Number>
void add_outer(Precision precision, const Shape& s, Columns<const Number> x,
               Columns<const Number> d, Number* g) {
  if constexpr (std::is_same_v<Number, float>)
    if (precision == Precision::bfloat16 && !is_vector(s.m, s.n))
      return multiply_bf16(s, x.data, x.stride, d.data, d.stride, true, g, s.m);
  multiply_full(s, x, d, true, {g, s.m});
}

}  // namespace

void product(const Weights& w, Slot weight, In x, Out y) {
  ATTN_CHECK(x.rows() == weight.cols && y.rows() == weight.rows && x.cols() == y.cols());
  multiply_weight(w, weight, Transpose::yes, x, false, y);
}

void add_product(const Weights& w, Slot weight, In x, Out y) {
  ATTN_CHECK(x.rows() == weight.cols && y.rows() == weight.rows && x.cols() == y.cols());
  multiply_weight(w, weight, Transpose::yes, x, true, y);
}

void add_transposed_product(const Weights& w, Slot weight, In d, Out dx) {
  ATTN_CHECK(d.rows() == weight.rows && dx.rows() == weight.cols && d.cols() == dx.cols());
  multiply_weight(w, weight, Transpose::no, d, true, dx);
}

void add_outer_product(In d, In x, WeightGradients g, Slot weight) {
  ATTN_CHECK(d.rows() == weight.rows && x.rows() == weight.cols && d.cols() == x.cols());
  const Shape shape{Transpose::no, Transpose::yes, weight.cols, weight.rows, d.cols()};
  if (shape.m == 0 || shape.n == 0 || shape.k == 0) return;
  count_operations(2 * shape.m * shape.n * shape.k);
  add_outer(g.precision(), shape, columns(x), columns(d), g.data(weight));
}

void product_tn(In a, In b, Out c) {
  ATTN_CHECK(a.rows() == b.rows() && c.rows() == a.cols() && c.cols() == b.cols());
  multiply({Transpose::yes, Transpose::no, c.rows(), c.cols(), a.rows()}, a, b, false, c);
}

void add_product_nt(In a, In b, Out dc) {
  ATTN_CHECK(a.cols() == b.cols() && dc.rows() == a.rows() && dc.cols() == b.rows());
  multiply({Transpose::no, Transpose::yes, dc.rows(), dc.cols(), a.cols()}, a, b, true, dc);
}

void add_product_nn(In a, In b, Out dc) {
  ATTN_CHECK(a.cols() == b.rows() && dc.rows() == a.rows() && dc.cols() == b.cols());
  multiply({Transpose::no, Transpose::no, dc.rows(), dc.cols(), a.cols()}, a, b, true, dc);
}

const char* product_library() {
  static const std::string name = onednn::kAvailable
                                      ? onednn::name()
                                      : "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
                                            std::to_string(EIGEN_MAJOR_VERSION) + "." +
                                            std::to_string(EIGEN_MINOR_VERSION);
  return name.c_str();
}

}  // namespace attn
