// Named arrays in one file, as huggingface/safetensors documents it: 8 bytes little-endian length
// of a JSON header, the header {"name": {"dtype", "shape", "data_offsets"}, "__metadata__": {text:
// text}}, then the numbers in C order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace attn {

// Bytes of someone else: of the file or of the arena that the tensor was made of.
struct Tensor {
  std::string dtype;  // "F32", "F64", "I64"
  std::vector<std::int64_t> shape;
  std::string_view bytes;

  std::int64_t size() const;
};

struct SafeTensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
  std::shared_ptr<const MappedFile> file = nullptr;  // that was read
};

// Error: unreadable, or damaged (says how).
SafeTensors read_safetensors(const std::filesystem::path& path);
// As write_atomically; the same bytes for the same contents.
void write_safetensors(const std::filesystem::path& path, const SafeTensors& file);

// `values` must outlive the tensor.
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const float> values);
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const double> values);

// Copies the numbers, as many as out takes, whatever kind the file has. Error: names `where` if
// that is none of ours.
template <class Number>
void copy_values(const Tensor& tensor, const std::string& where, std::span<Number> out);
template <class Number>
std::vector<Number> values_of(const Tensor& tensor, const std::string& where) {
  std::vector<Number> out(static_cast<std::size_t>(tensor.size()));
  copy_values(tensor, where, std::span<Number>(out));
  return out;
}

}  // namespace attn
