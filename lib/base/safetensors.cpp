#include "base/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <numeric>
#include <type_traits>

#include "base/error.h"
#include "base/json.h"

namespace attn {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

std::int64_t size_of(const std::string& dtype) {
  if (dtype == "I8" || dtype == "U8") return 1;
  if (dtype == "F32") return 4;
  if (dtype == "F64" || dtype == "I64") return 8;
  return 0;
}

// Returns whether a tensor of this shape has `numbers` elements, without overflow.
bool has_size(const std::vector<std::int64_t>& shape, std::int64_t numbers) {
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n < 0; })) return false;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return numbers == 0;
  std::int64_t left = numbers;
  for (const std::int64_t n : shape) {
    if (left % n != 0) return false;
    left /= n;
  }
  return left == 1;
}

Tensor parse_tensor(const Json& entry, std::string_view data) {
  Tensor tensor{
      entry.at("dtype").get<std::string>(), entry.at("shape").get<std::vector<std::int64_t>>(), {}};
  const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
  const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
  const std::int64_t number = size_of(tensor.dtype);
  if (number == 0) throw Error("unsupported dtype " + tensor.dtype);
  const bool inside = begin <= end && end <= data.size();
  if (inside) tensor.bytes = data.substr(begin, end - begin);
  const std::int64_t bytes = std::ssize(tensor.bytes);
  if (!inside || bytes % number != 0 || !has_size(tensor.shape, bytes / number))
    throw Error("its shape or data_offsets do not match the file");
  return tensor;
}

// Returns whether each byte of `data` belongs to exactly one part.
bool is_partition(std::vector<std::string_view>& parts, std::string_view data) {
  std::erase_if(parts, [](std::string_view part) { return part.empty(); });
  std::sort(parts.begin(), parts.end(),
            [](std::string_view a, std::string_view b) { return a.data() < b.data(); });
  const char* at = data.data();
  for (const std::string_view part : parts) {
    if (part.data() != at) return false;
    at += part.size();
  }
  return at == data.data() + data.size();
}

template <class Number>
Tensor tensor_of(std::string dtype, std::vector<std::int64_t> shape,
                 std::span<const Number> values) {
  Tensor tensor{std::move(dtype),
                std::move(shape),
                {reinterpret_cast<const char*>(values.data()), values.size_bytes()}};
  ATTN_CHECK(tensor.size() == static_cast<std::int64_t>(values.size()));
  return tensor;
}

template <class Stored, class Number>
void convert(std::string_view bytes, std::span<Number> out) {
  ATTN_CHECK(bytes.size() == out.size() * sizeof(Stored));
  if constexpr (std::is_same_v<Stored, Number>) {
    if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  } else {
    for (std::size_t i = 0; i < out.size(); ++i) {
      Stored value;
      std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
      out[i] = static_cast<Number>(value);
    }
  }
}

}  // namespace

std::int64_t Tensor::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

SafeTensors read_safetensors(const std::filesystem::path& path) {
  SafeTensors out;
  out.file = std::make_shared<const MappedFile>(path);
  const std::string_view file = out.file->bytes();
  const auto damaged = [&](const std::string& how) {
    return Error(path.string() + ": damaged safetensors file: " + how + "; copy it again");
  };
  std::uint64_t header = 0;
  if (file.size() < 8) throw damaged("it has only " + std::to_string(file.size()) + " bytes");
  std::memcpy(&header, file.data(), 8);
  if (header > file.size() - 8) throw damaged("its header is longer than the file");
  const std::string_view data = file.substr(8 + header);
  std::vector<std::string_view> parts;
  try {
    const Json json = Json::parse(file.substr(8, header));
    for (const auto& [name, entry] : json.items()) {
      if (name == "__metadata__") {
        out.metadata = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      try {
        parts.push_back((out.tensors[name] = parse_tensor(entry, data)).bytes);
      } catch (const Error& e) {
        throw damaged("tensor " + name + ": " + e.what());
      }
    }
  } catch (const Json::exception&) {
    throw damaged("its header is not valid");
  }
  if (!is_partition(parts, data)) throw damaged("its tensors overlap or leave gaps");
  return out;
}

void write_safetensors(const std::filesystem::path& path, const SafeTensors& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::size_t at = 0;
  for (const auto& [name, tensor] : file.tensors) {
    header[name] = {{"dtype", tensor.dtype},
                    {"shape", tensor.shape},
                    {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::vector<std::string_view> parts{{reinterpret_cast<const char*>(&length), sizeof length},
                                      text};
  for (const auto& [name, tensor] : file.tensors) parts.push_back(tensor.bytes);
  write_atomically(path, parts);
}

Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const float> values) {
  return tensor_of("F32", std::move(shape), values);
}
Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const double> values) {
  return tensor_of("F64", std::move(shape), values);
}

Tensor make_tensor(std::vector<std::int64_t> shape, std::span<const std::int8_t> values) {
  return tensor_of("I8", std::move(shape), values);
}

template <class Number>
void copy_values(const Tensor& tensor, const std::string& where, std::span<Number> out) {
  if (tensor.dtype == "F32") return convert<float>(tensor.bytes, out);
  if (tensor.dtype == "F64") return convert<double>(tensor.bytes, out);
  if (tensor.dtype == "I8") return convert<std::int8_t>(tensor.bytes, out);
  if (tensor.dtype == "I64") return convert<std::int64_t>(tensor.bytes, out);
  throw Error(where + ": unsupported dtype " + tensor.dtype);
}
template void copy_values(const Tensor&, const std::string&, std::span<float>);
template void copy_values(const Tensor&, const std::string&, std::span<double>);
template void copy_values(const Tensor&, const std::string&, std::span<int>);

}  // namespace attn
