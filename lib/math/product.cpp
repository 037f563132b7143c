#include "math/product.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/profile.h"
#include "math/eight_bits.h"
#include "math/packed.h"
#include "math/packed_weights.h"

#if defined(ATTN_ONEDNN)
#include <dnnl.h>
#include <omp.h>
#endif

namespace attn {
namespace {

enum class As { is, transposed };

// A product of more columns reads each weight so often that packing it is a small part.
constexpr Index kFewColumns = 96;
// Outside of time loops nobody but a short sentence has so few. oneDNN, which makes its code when
// it is first called, is not needed for that.
constexpr Index kFewestColumns = 16;

#if defined(ATTN_ONEDNN)
// oneDNN's matrices are row-major: a column-major product is C' = B' A' there.
[[maybe_unused]] void gemm(As a_as, As b_as, Index m, Index n, Index k, const float* a, Index lda,
                           const float* b, Index ldb, bool add, float* c, Index ldc) {
  const auto status = dnnl_sgemm(b_as == As::is ? 'N' : 'T', a_as == As::is ? 'N' : 'T', n, m, k,
                                 1.0F, b, ldb, a, lda, add ? 1.0F : 0.0F, c, ldc);
  ATTN_CHECK(status == dnnl_success);
}
#endif

// Eigen's own product: in double, and in float where there is no oneDNN.
template <class Number>
void gemm(As a_as, As b_as, Index m, Index n, Index k, const Number* a, Index lda, const Number* b,
          Index ldb, bool add, Number* c, Index ldc) {
  using Matrix = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic>;
  using Const = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
  const Const am(a, a_as == As::is ? m : k, a_as == As::is ? k : m, Eigen::OuterStride<>(lda));
  const Const bm(b, b_as == As::is ? k : n, b_as == As::is ? n : k, Eigen::OuterStride<>(ldb));
  Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>> cm(c, m, n, Eigen::OuterStride<>(ldc));
  if (!add) cm.setZero();
  if (a_as == As::is && b_as == As::is) cm.noalias() += am * bm;
  if (a_as == As::transposed && b_as == As::is) cm.noalias() += am.transpose() * bm;
  if (a_as == As::is && b_as == As::transposed) cm.noalias() += am * bm.transpose();
}

// oneDNN's OpenMP runs a product on the calling thread alone: the program's threads are those of
// base/parallel.
void run_alone() {
#if defined(ATTN_ONEDNN)
  thread_local const bool alone = (omp_set_num_threads(1), true);
  static_cast<void>(alone);
#endif
}

// c [m × n] = or += op(a) op(b).
void multiply(As a_as, As b_as, Index k, const Real* a, Index lda, const Real* b, Index ldb,
              bool add, Out c) {
  if (c.rows() == 0 || c.cols() == 0) return;
  run_alone();
  count_operations(2 * c.rows() * c.cols() * k);
  if (k == 0) {
    if (!add) c.setZero();
    return;
  }
  gemm(a_as, b_as, c.rows(), c.cols(), k, a, lda, b, ldb, add, c.data(), c.outerStride());
}

// y = or += M x where packed products are to be had; in double they are not.
[[maybe_unused]] bool multiply_packed(As as, const float* weight, Index stride, Index m, Index n,
                                      Index k, const float* x, Index x_stride, bool add, float* y,
                                      Index y_stride) {
  const float* packed = packed_weight({weight, stride, as == As::transposed}, m, k);
  if (!packed) return false;
  packed::multiply(packed, x, x_stride, m, n, k, add, y, y_stride);
  return true;
}
[[maybe_unused]] bool multiply_packed(As, const double*, Index, Index, Index, Index, const double*,
                                      Index, bool, double*, Index) {
  return false;
}

// y = or += W x in eight bits, where that is wanted; in double it is not to be had.
[[maybe_unused]] bool multiply_low(const float* weight, Index m, Index k, const float* x,
                                   Index x_stride, Index n, bool add, float* y, Index y_stride) {
  return multiply_in_eight_bits(weight, m, k, x, x_stride, n, add, y, y_stride);
}
[[maybe_unused]] bool multiply_low(const double*, Index, Index, const double*, Index, Index, bool,
                                   double*, Index) {
  return false;
}

// y = or += W x, or Wᵀ x.
void multiply_weight(As as, const Params& w, Slot weight, In x, bool add, Out y) {
  const Index m = y.rows(), n = y.cols(), k = x.rows();
  if (as == As::transposed && n > 0 && k > 0 &&
      multiply_low(w.data(weight), m, k, x.data(), x.outerStride(), n, add, y.data(),
                   y.outerStride()))
    return count_operations(2 * m * n * k);
  if (n > 0 && n <= (in_time_loop() ? kFewColumns : kFewestColumns) &&
      multiply_packed(as, w.data(weight), weight.cols, m, n, k, x.data(), x.outerStride(), add,
                      y.data(), y.outerStride()))
    return count_operations(2 * m * n * k);
  multiply(as, As::is, k, w.data(weight), weight.cols, x.data(), x.outerStride(), add, y);
}

}  // namespace

void product(const Params& w, Slot weight, In x, Out y) {
  ATTN_CHECK(x.rows() == weight.cols && y.rows() == weight.rows && x.cols() == y.cols());
  multiply_weight(As::transposed, w, weight, x, false, y);
}

void add_product(const Params& w, Slot weight, In x, Out y) {
  ATTN_CHECK(x.rows() == weight.cols && y.rows() == weight.rows && x.cols() == y.cols());
  multiply_weight(As::transposed, w, weight, x, true, y);
}

void add_transposed_product(const Params& w, Slot weight, In d, Out dx) {
  ATTN_CHECK(d.rows() == weight.rows && dx.rows() == weight.cols && d.cols() == dx.cols());
  multiply_weight(As::is, w, weight, d, true, dx);
}

void add_outer_product(In d, In x, Params& g, Slot weight) {
  ATTN_CHECK(d.rows() == weight.rows && x.rows() == weight.cols && d.cols() == x.cols());
  multiply(As::is, As::transposed, d.cols(), x.data(), x.outerStride(), d.data(), d.outerStride(),
           true, View(g.data(weight), weight.cols, weight.rows, Eigen::OuterStride<>(weight.cols)));
}

void product_tn(In a, In b, Out c) {
  ATTN_CHECK(a.rows() == b.rows() && c.rows() == a.cols() && c.cols() == b.cols());
  multiply(As::transposed, As::is, a.rows(), a.data(), a.outerStride(), b.data(), b.outerStride(),
           false, c);
}

void add_product_nt(In a, In b, Out dc) {
  ATTN_CHECK(a.cols() == b.cols() && dc.rows() == a.rows() && dc.cols() == b.rows());
  multiply(As::is, As::transposed, a.cols(), a.data(), a.outerStride(), b.data(), b.outerStride(),
           true, dc);
}

void add_product_nn(In a, In b, Out dc) {
  ATTN_CHECK(a.cols() == b.rows() && dc.rows() == a.rows() && dc.cols() == b.cols());
  multiply(As::is, As::is, a.cols(), a.data(), a.outerStride(), b.data(), b.outerStride(), true,
           dc);
}

#if defined(ATTN_ONEDNN)
bool multiplies_bytes() {
  return true;
}
// oneDNN's matrices are row-major: sums' [n × m] = X' W'.
void product_of_bytes(const std::int8_t* w, Index m, Index k, const std::uint8_t* x,
                      std::uint8_t zero, Index n, std::int32_t* sums) {
  run_alone();
  const std::int32_t nothing = 0;
  const auto status =
      dnnl_gemm_u8s8s32('N', 'T', 'F', n, m, k, 1.0F, x, k, zero, w, k, 0, 0.0F, sums, m, &nothing);
  ATTN_CHECK(status == dnnl_success);
}
#else
bool multiplies_bytes() {
  return false;
}
void product_of_bytes(const std::int8_t*, Index, Index, const std::uint8_t*, std::uint8_t, Index,
                      std::int32_t*) {
  throw Bug("no products of bytes here");
}
#endif

const char* product_library() {
#if defined(ATTN_ONEDNN)
  static const std::string name = [] {
    const auto* v = dnnl_version();
    return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
           std::to_string(v->patch);
  }();
  return name.c_str();
#else
  static const std::string name = "Eigen " + std::to_string(EIGEN_WORLD_VERSION) + "." +
                                  std::to_string(EIGEN_MAJOR_VERSION) + "." +
                                  std::to_string(EIGEN_MINOR_VERSION);
  return name.c_str();
#endif
}

}  // namespace attn
