// The libraries and kernels that compute matrix products (math/gemm/product.h). Each backend has a
// file of its own; a product is computed by the first backend of the table that can.
#pragma once

#include <string>

#include "base/registry.h"
#include "math/gemm/precision.h"
#include "math/types.h"

namespace attn {

class PreparedWeights;

enum class Transpose { no, yes };

// The shape of a product c [m × n] = or += op(a) op(b), op(a) [m × k], op(b) [k × n]. All sizes are
// above 0.
struct Shape {
  Transpose a, b;
  Index m, n, k;
};

// The numbers of a column-major matrix, and the distance between its columns.
template <class Number>
struct Strided {
  Number* data;
  Index stride;
};

// c = or += op(a) op(b).
struct Product {
  Shape shape;
  Strided<const Real> a, b;
  bool add;
  Strided<Real> c;
};

// y [m × n] = or += M x, x [k × n], where M [m × k] is a weight (Transpose::no) or the transpose of
// a weight. The rows of the weight are `stride` numbers apart.
struct WeightProduct {
  const PreparedWeights& prepared;
  Precision precision;
  Transpose transpose;
  const Real* weight;
  Index stride;
  Index m, n, k;
  Strided<const Real> x;
  bool add;
  Strided<Real> y;

  // Returns the precision to which M and x are rounded: int8 is only for weights that are not
  // transposed, and bfloat16 would not save time if M is a vector.
  Precision rounded_precision() const {
    if (precision == Precision::int8)
      return transpose == Transpose::no ? precision : Precision::float32;
    return m == 1 || k == 1 ? Precision::float32 : precision;
  }
};

// gW [m × k] += d xᵀ, d [m × n], x [k × n], where the gradient of a weight is stored row by row.
struct GradientProduct {
  Precision precision;
  Strided<const Real> d, x;
  Index m, n, k;
  Real* gradient;

  Precision rounded_precision() const {
    return precision == Precision::int8 || m == 1 || k == 1 ? Precision::float32 : precision;
  }
};

// The functions do nothing and return false if the backend cannot compute the product on this
// processor or if another backend is faster.
struct Backend {
  std::string (*version)();  // for logs; empty if the program was built without the backend
  bool (*multiply)(const Product& product);
  bool (*multiply_weight)(const WeightProduct& product);
  bool (*add_gradient)(const GradientProduct& product);
};

// Return the backends of the table.
Backend microkernel_backend();
Backend onednn_backend();
Backend eigen_backend();

// Returns the table of all backends, in the order in which they are tried.
const Registry<Backend>& backends();

// Return the numbers if Real is float, and null otherwise: other backends than Eigen multiply
// floats only.
inline const float* floats(const float* numbers) {
  return numbers;
}
inline const float* floats(const double*) {
  return nullptr;
}
inline float* floats(float* numbers) {
  return numbers;
}
inline float* floats(double*) {
  return nullptr;
}

}  // namespace attn
