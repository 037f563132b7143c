// Named arrays in one file, in the format of huggingface/safetensors: the length of a JSON header
// (8 bytes, little-endian), the header, then the numbers in C order. The header is
//   {"name": {"dtype", "shape", "data_offsets"}, …, "__metadata__": {text: text}}
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
#include "base/index_span.h"

namespace attn {

// A view of an array. The bytes belong to the mapped file or to the array that it was made from.
struct Tensor {
  std::string dtype;  // "F32", "F64", "I64", "I8", "U8"
  std::vector<std::int64_t> shape;
  std::string_view bytes;

  // Returns the number of elements.
  std::int64_t size() const;
};

struct SafeTensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
  std::shared_ptr<const MappedFile> file = nullptr;  // owns the bytes if the tensors were read
};

// Reads a file. Throws Error if it is unreadable or damaged.
SafeTensors read_safetensors(const std::filesystem::path& path);
// Writes a file atomically. Equal contents give equal bytes. Throws Error as write_atomically does.
void write_safetensors(const std::filesystem::path& path, const SafeTensors& file);

// Returns a view of `values`, which must outlive it.
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const float> values);
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const double> values);
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const std::int8_t> values);

// Copies the elements to `out`, which must have the same size, and converts them to Number. Throws
// Error, with `where`, if the dtype is not supported.
template <class Number>
void copy_values(const Tensor& tensor, const std::string& where, std::span<Number> out);
// Returns the elements, converted to Number.
template <class Number>
std::vector<Number> values_of(const Tensor& tensor, const std::string& where) {
  std::vector<Number> out;
  resize(out, tensor.size());
  copy_values(tensor, where, std::span<Number>(out));
  return out;
}

}  // namespace attn
