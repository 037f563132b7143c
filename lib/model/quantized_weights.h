// Weights in 8 bits in model files: each row of a matrix is I8 numbers in −127 … 127 and a scale in
// float32, in the tensor "NAME.scale". A weight is the product of both.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/safetensors.h"

namespace attn {

// Owns the numbers of quantized tensors.
class QuantizedTensors {
 public:
  // Returns the file with its float32 matrices [m × k] quantized. The scales have 16 significant
  // bits, so that the products are exact, and quantizing them again (math/gemm/quantized.h) gives
  // the same numbers and scales. The result views this object.
  SafeTensors quantize(const SafeTensors& file);

 private:
  void add(const std::string& name, const Tensor& tensor, SafeTensors& out);
  std::deque<std::vector<std::int8_t>> numbers_;
  std::deque<std::vector<float>> scales_;
};

// Returns whether a tensor is a quantized matrix.
bool is_quantized(const Tensor& tensor);

// Returns the name of the tensor with the scales of a quantized matrix.
std::string scale_name(const std::string& name);

// Computes the weights of a quantized matrix. Throws Error, with `where`, if there is not one scale
// per row.
template <class Number>
void copy_quantized(const Tensor& tensor, const Tensor& scales, const std::string& where,
                    std::span<Number> out);

}  // namespace attn
