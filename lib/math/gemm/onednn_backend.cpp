#include <type_traits>

#include "math/gemm/backend.h"
#include "math/gemm/bf16_gemm.h"
#include "math/gemm/int8_gemm.h"
#include "math/gemm/onednn.h"
#include "math/gemm/prepared_weights.h"

namespace attn {
namespace {

constexpr bool kMultipliesReals = onednn::kAvailable && std::is_same_v<Real, float>;

bool multiply_by_onednn(const Product& p) {
  if (!kMultipliesReals) return false;
  onednn::multiply(p.shape, floats(p.a.data), p.a.stride, floats(p.b.data), p.b.stride, p.add,
                   floats(p.c.data), p.c.stride);
  return true;
}

// A weight that is stored row by row is the transpose of a column-major matrix.
bool multiply_weight_by_onednn(const WeightProduct& p) {
  if (!kMultipliesReals) return false;
  const float *weight = floats(p.weight), *x = floats(p.x.data);
  float* y = floats(p.y.data);
  const Transpose a = p.transpose == Transpose::no ? Transpose::yes : Transpose::no;
  const Shape shape{a, Transpose::no, p.m, p.n, p.k};
  switch (p.rounded_precision()) {
    case Precision::int8:
      multiply_int8(p.prepared.quantized(weight, p.m, p.k), p.m, p.k, x, p.x.stride, p.n, p.add, y,
                    p.y.stride);
      return true;
    case Precision::bfloat16:
      multiply_bf16(shape, p.prepared.rounded(weight, p.m * p.k), p.stride, x, p.x.stride, p.add, y,
                    p.y.stride);
      return true;
    case Precision::float32:
      onednn::multiply(shape, weight, p.stride, x, p.x.stride, p.add, y, p.y.stride);
      return true;
  }
  return false;
}

// Computes gWᵀ += x dᵀ.
bool add_gradient_by_onednn(const GradientProduct& p) {
  if (!kMultipliesReals) return false;
  const Shape shape{Transpose::no, Transpose::yes, p.k, p.m, p.n};
  const auto multiply = [&](const auto& f) {
    f(shape, floats(p.x.data), p.x.stride, floats(p.d.data), p.d.stride, true, floats(p.gradient),
      p.k);
  };
  if (p.rounded_precision() == Precision::bfloat16)
    multiply([](auto... arguments) { multiply_bf16(arguments...); });
  else
    multiply([](auto... arguments) { onednn::multiply(arguments...); });
  return true;
}

std::string onednn_version() {
  return onednn::kAvailable ? onednn::name() : "";
}

}  // namespace

Backend onednn_backend() {
  return {.version = onednn_version,
          .multiply = multiply_by_onednn,
          .multiply_weight = multiply_weight_by_onednn,
          .add_gradient = add_gradient_by_onednn};
}

}  // namespace attn
