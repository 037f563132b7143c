// Files are built byte by byte after the description of the format by huggingface/safetensors.
#include "base/safetensors.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/scratch.h"

namespace attn::test {
namespace {

// Two tensors, a and b, of 24 bytes together.
const std::string kHeader =
    R"({"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
    R"("b":{"dtype":"F64","shape":[1],"data_offsets":[16,24]},"__metadata__":{"format":"x"}})";

// The length of the header in 8 bytes, little-endian.
std::string length_bytes(std::uint64_t length) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(length >> (8 * i) & 0xFF);
  return out;
}

std::string data_bytes() {
  const float a[] = {1, -2, 3.5, 4};
  const double b = 0.1;
  std::string out(24, '\0');
  std::memcpy(out.data(), a, 16);
  std::memcpy(out.data() + 16, &b, 8);
  return out;
}

std::string file_with(const std::string& header) {
  return length_bytes(header.size()) + header + data_bytes();
}

std::string read_error(const std::string& content) {
  const Scratch scratch;
  const auto path = scratch.file("x.safetensors", content);
  const std::string error = error_of([&] { read_safetensors(path); });
  if (error == "no error") return error;
  const std::string where = path.string() + ": damaged safetensors file: ";
  REQUIRE(error.starts_with(where));
  return error.substr(where.size());
}

// kHeader with `from` replaced by `to`.
std::string header_with(const std::string& from, const std::string& to) {
  std::string header = kHeader;
  const auto at = header.find(from);
  REQUIRE(at != std::string::npos);
  return header.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a safetensors file that is built by hand is read") {
  const Scratch scratch;
  const SafeTensors file = read_safetensors(scratch.file("x.safetensors", file_with(kHeader)));
  REQUIRE(file.tensors.size() == 2);
  CHECK(file.tensors.at("a").shape == std::vector<std::int64_t>{2, 2});
  CHECK(values_of<float>(file.tensors.at("a"), "x") == std::vector<float>{1, -2, 3.5, 4});
  CHECK(values_of<double>(file.tensors.at("b"), "x") == std::vector<double>{0.1});
  CHECK(file.metadata == std::map<std::string, std::string>{{"format", "x"}});
}

TEST_CASE("a safetensors file too short for the length of its header is an error") {
  for (std::size_t size = 0; size < 8; ++size) {
    CAPTURE(size);
    CHECK(read_error(file_with(kHeader).substr(0, size)).starts_with("it has only "));
  }
}

TEST_CASE("a safetensors header that is longer than the file is an error") {
  const std::uint64_t size = kHeader.size() + 24;
  for (const std::uint64_t length :
       {size + 1, size + 8, std::uint64_t{1} << 32, std::uint64_t{1} << 63,
        std::numeric_limits<std::uint64_t>::max() - 8,
        std::numeric_limits<std::uint64_t>::max() - 7, std::numeric_limits<std::uint64_t>::max()}) {
    CAPTURE(length);
    CHECK(read_error(length_bytes(length) + kHeader + data_bytes())
              .starts_with("its header is longer than the file"));
  }
  CHECK(read_error(length_bytes(1)).starts_with("its header is longer than the file"));
}

TEST_CASE("a wrong length of a safetensors header is an error") {
  const std::uint64_t size = kHeader.size();
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, size / 2, size - 1}) {
    CAPTURE(length);
    CHECK(read_error(length_bytes(length) + kHeader + data_bytes())
              .starts_with("its header is not valid"));
  }
  for (const std::uint64_t length : {size + 1, size + 8, size + 16, size + 24}) {
    CAPTURE(length);
    CHECK(read_error(length_bytes(length) + kHeader + data_bytes()) != "no error");
  }
  CHECK(read_error(length_bytes(0)).starts_with("its header is not valid"));
}

TEST_CASE("data_offsets of a safetensors header that do not match the file are an error") {
  const auto error = [](const std::string& from, const std::string& to) {
    return read_error(file_with(header_with(from, to)));
  };
  const std::string mismatch = "its shape or data_offsets do not match the file";
  CHECK(error("[16,24]", "[16,32]").starts_with("tensor b: " + mismatch));
  CHECK(error("[16,24]", "[24,16]").starts_with("tensor b: " + mismatch));
  CHECK(error("[16,24]", "[-8,24]").starts_with("tensor b: " + mismatch));
  CHECK(error("[16,24]", "[16,18446744073709551615]").starts_with("tensor b: " + mismatch));
  CHECK(error("[16,24]", "[16,23]").starts_with("tensor b: " + mismatch));
  CHECK(error("[0,16]", "[0,15]").starts_with("tensor a: " + mismatch));
  CHECK(error("[0,16]", "[0,12]").starts_with("tensor a: " + mismatch));
  CHECK(error("[0,16]", "[8,24]").starts_with("its tensors overlap or leave gaps"));
  CHECK(read_error(file_with(kHeader) + "x").starts_with("its tensors overlap or leave gaps"));
  const std::string whole = file_with(kHeader);
  CHECK(read_error(whole.substr(0, whole.size() - 1)).starts_with("tensor b: " + mismatch));
}

TEST_CASE("a shape of a safetensors header that does not match its bytes is an error") {
  const auto error = [](const std::string& shape) {
    return read_error(file_with(header_with("[2,2]", shape)));
  };
  // The product of the last two overflows 64 bits, to 0 and to 4.
  for (const char* shape :
       {"[2,3]", "[]", "[0]", "[-2,-2]", "[4294967296,4294967296]", "[4294967298,4294967298]"}) {
    CAPTURE(shape);
    CHECK(error(shape).starts_with("tensor a: its shape or data_offsets do not match the file"));
  }
  for (const char* shape : {"[\"2\",2]", "2", "null"}) {
    CAPTURE(shape);
    CHECK(error(shape).starts_with("its header is not valid"));
  }
  CHECK(error("[4]") == "no error");
  CHECK(error("[1,4,1]") == "no error");
}

}  // namespace attn::test
