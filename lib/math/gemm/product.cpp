#include "math/gemm/product.h"

#include <string>

#include "base/error.h"
#include "base/profile.h"
#include "math/gemm/backend.h"
#include "math/gemm/onednn.h"

namespace attn {
namespace {

Strided<const Real> strided(In m) {
  return {m.data(), m.stride()};
}
Strided<Real> strided(Out m) {
  return {m.data(), m.stride()};
}

// Counts the operations of a product and returns whether there is something to multiply. If k is 0,
// sets an assigned result to zero.
bool begin_product(Index m, Index n, Index k, bool add, Out c) {
  if (m == 0 || n == 0) return false;
  count_operations(2 * m * n * k);
  if (k == 0 && !add) c.set_zero();
  return k > 0;
}

// Computes the product with the first backend that can.
template <class Function, class Arguments>
void compute(Function Backend::*function, const Arguments& product) {
  for (const auto& backend : backends())
    if ((backend.value.*function)(product)) return;
  throw Bug("no backend computes this product");
}

void multiply(const Shape& s, In a, In b, bool add, Out c) {
  if (begin_product(s.m, s.n, s.k, add, c))
    compute(&Backend::multiply, Product{s, strided(a), strided(b), add, strided(c)});
}

// Computes y = or += W x, or Wᵀ x.
void multiply_weight(const Weights& w, Slot weight, Transpose transpose, In x, bool add, Out y) {
  if (!begin_product(y.rows(), y.cols(), x.rows(), add, y)) return;
  compute(&Backend::multiply_weight, WeightProduct{.prepared = w.prepared(),
                                                   .precision = w.precision(),
                                                   .transpose = transpose,
                                                   .weight = w.data(weight),
                                                   .stride = weight.cols,
                                                   .m = y.rows(),
                                                   .n = y.cols(),
                                                   .k = x.rows(),
                                                   .x = strided(x),
                                                   .add = add,
                                                   .y = strided(y)});
}

}  // namespace

void product(const Weights& w, Slot weight, In x, Out y) {
  ATTN_CHECK(x.rows() == weight.cols && y.rows() == weight.rows && x.cols() == y.cols());
  multiply_weight(w, weight, Transpose::no, x, false, y);
}

void add_product(const Weights& w, Slot weight, In x, Out y) {
  ATTN_CHECK(x.rows() == weight.cols && y.rows() == weight.rows && x.cols() == y.cols());
  multiply_weight(w, weight, Transpose::no, x, true, y);
}

void add_transposed_product(const Weights& w, Slot weight, In d, Out dx) {
  ATTN_CHECK(d.rows() == weight.rows && dx.rows() == weight.cols && d.cols() == dx.cols());
  multiply_weight(w, weight, Transpose::yes, d, true, dx);
}

void add_outer_product(In d, In x, WeightGradients g, Slot weight) {
  ATTN_CHECK(d.rows() == weight.rows && x.rows() == weight.cols && d.cols() == x.cols());
  if (!begin_product(weight.rows, weight.cols, d.cols(), true, {})) return;
  compute(&Backend::add_gradient, GradientProduct{.precision = g.precision(),
                                                  .d = strided(d),
                                                  .x = strided(x),
                                                  .m = weight.rows,
                                                  .n = d.cols(),
                                                  .k = weight.cols,
                                                  .gradient = g.data(weight)});
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
  static const std::string name =
      onednn::kAvailable ? onednn_backend().version() : eigen_backend().version();
  return name.c_str();
}

}  // namespace attn
