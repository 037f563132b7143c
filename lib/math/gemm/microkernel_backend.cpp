#include <type_traits>

#include "math/gemm/backend.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/prepared_weights.h"

namespace attn {
namespace {

using packed::DataType;

// Maximum number of columns of products without tile registers. With more columns, oneDNN packs the
// weight in a small fraction of the time of the product.
constexpr Index kMaxColumns = 96;

DataType data_type(Precision precision) {
  switch (precision) {
    case Precision::float32:
      return DataType::float32;
    case Precision::bfloat16:
      return DataType::bfloat16;
    case Precision::int8:
      return DataType::int8;
  }
  return DataType::float32;
}

// Packing activations would take longer than the product.
bool multiply_by_microkernels(const Product&) {
  return false;
}

bool multiply_weight_by_microkernels(const WeightProduct& p) {
  const DataType type = data_type(p.rounded_precision());
  if (!std::is_same_v<Real, float> || !packed::available(type)) return false;
  if (p.n > kMaxColumns && !packed::has_tiles(type)) return false;
  const float *weight = floats(p.weight), *x = floats(p.x.data);
  float* y = floats(p.y.data);
  if (type == DataType::int8) {
    const PackedBytes& packed = p.prepared.packed_bytes(weight, p.m, p.k);
    packed::multiply_bytes(packed.words.data(), packed.scales.data(), x, p.x.stride, p.m, p.n, p.k,
                           p.add, y, p.y.stride);
  } else {
    const auto* packed = p.prepared.packed(
        type, {.data = weight, .stride = p.stride, .row_major = p.transpose == Transpose::no}, p.m,
        p.k);
    packed::multiply(type, packed, x, p.x.stride, p.m, p.n, p.k, p.add, y, p.y.stride);
  }
  return true;
}

bool add_gradient_by_microkernels(const GradientProduct& p) {
  const DataType type = data_type(p.rounded_precision());
  if (!std::is_same_v<Real, float> || !packed::has_tiles(type)) return false;
  packed::add_outer(floats(p.d.data), p.d.stride, floats(p.x.data), p.x.stride, p.m, p.k, p.n,
                    floats(p.gradient), p.k);
  return true;
}

std::string microkernel_version() {
  return packed::instructions();
}

}  // namespace

Backend microkernel_backend() {
  return {.version = microkernel_version,
          .multiply = multiply_by_microkernels,
          .multiply_weight = multiply_weight_by_microkernels,
          .add_gradient = add_gradient_by_microkernels};
}

}  // namespace attn
