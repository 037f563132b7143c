// Named arrays in one file, as huggingface/safetensors documents it: 8 bytes little-endian length
// of a JSON header, the header {"name": {"dtype", "shape", "data_offsets"}, "__metadata__": {text:
// text}}, then the numbers in C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace attn {

struct Tensor {
  std::string dtype;  // "F32", "F64", "I64"
  std::vector<std::int64_t> shape;
  std::string bytes;

  std::int64_t size() const;
};

struct SafeTensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

// Error: unreadable, or damaged (says how).
SafeTensors read_safetensors(const std::filesystem::path& path);
// The file's bytes; the same for the same contents.
std::string safetensors_bytes(const SafeTensors& file);

Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const float> values);
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const double> values);

// The numbers as Number, whatever the file has. Error: names `where` if the kind of number is none
// of ours.
template <class Number>
std::vector<Number> values_of(const Tensor& tensor, const std::string& where);

}  // namespace attn
