#include "model/quantized_weights.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "math/gemm/quantized.h"

namespace attn {
namespace {

constexpr int kScaleBits = 16;  // significant bits
constexpr float kMaxNumber = 127;

// Returns the smallest number with kScaleBits significant bits that is not below x ≥ 0.
float rounded_up(float x) {
  if (x == 0) return 0;
  int exponent = 0;
  const float fraction = std::frexp(x, &exponent);  // in [0.5, 1)
  return std::ldexp(std::ceil(std::ldexp(fraction, kScaleBits)), exponent - kScaleBits);
}

}  // namespace

bool is_quantized(const Tensor& tensor) {
  return tensor.dtype == "I8" && tensor.shape.size() == 2;
}

std::string scale_name(const std::string& name) {
  return name + ".scale";
}

SafeTensors QuantizedTensors::quantize(const SafeTensors& file) {
  SafeTensors out;
  out.metadata = file.metadata;
  for (const auto& [name, tensor] : file.tensors)
    if (tensor.dtype == "F32" && tensor.shape.size() == 2)
      add(name, tensor, out);
    else
      out.tensors[name] = tensor;
  return out;
}

void QuantizedTensors::add(const std::string& name, const Tensor& tensor, SafeTensors& out) {
  const Index rows = tensor.shape[0], columns = tensor.shape[1];
  const std::vector<float> weights = values_of<float>(tensor, name);
  auto& numbers = numbers_.emplace_back();
  auto& scales = scales_.emplace_back();
  for (Index i = 0; i < rows; ++i) {
    const float* row = weights.data() + i * columns;
    const float scale = rounded_up(max_magnitude(row, columns) / kMaxNumber);
    for (Index j = 0; j < columns; ++j)
      numbers.push_back(scale > 0 ? static_cast<std::int8_t>(std::lrint(row[j] / scale))
                                  : std::int8_t{0});
    scales.push_back(scale);
  }
  out.tensors[name] = make_tensor({rows, columns}, std::span<const std::int8_t>(numbers));
  out.tensors[scale_name(name)] = make_tensor({rows}, std::span<const float>(scales));
}

template <class Number>
void copy_quantized(const Tensor& tensor, const Tensor& scales, const std::string& where,
                    std::span<Number> out) {
  const Index rows = tensor.shape[0], columns = tensor.shape[1];
  if (scales.shape != std::vector<std::int64_t>{rows})
    throw Error(where + ": damaged: there is not one scale per row");
  const auto scale = values_of<Number>(scales, where);
  copy_values(tensor, where, out);
  const IndexSpan numbers(out);
  for (Index i = 0; i < rows; ++i)
    for (Number& x : numbers.subspan(i * columns, columns)) x *= IndexSpan(scale)[i];
}
template void copy_quantized(const Tensor&, const Tensor&, const std::string&, std::span<float>);
template void copy_quantized(const Tensor&, const Tensor&, const std::string&, std::span<double>);

}  // namespace attn
