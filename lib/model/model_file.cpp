#include "model/model_file.h"

#include <map>
#include <utility>

#include "base/checksum.h"
#include "base/error.h"
#include "base/file.h"

namespace attn {
namespace {

const char* const kFormat = "attn 2";
const char* const kWeights = "model.safetensors";
const char *const kSource = "source.spm", *const kTarget = "target.spm";

// The parts that are files of a directory and, in a packed file, metadata or tensors.
struct TextPart {
  const char *file, *key;
  std::string ModelFile::*text;
};
const TextPart kMetadataParts[] = {{"config.json", "config", &ModelFile::config},
                                   {"card.json", "card", &ModelFile::card}};
const TextPart kTokenizers[] = {{kSource, kSource, &ModelFile::source_tokenizer},
                                {kTarget, kTarget, &ModelFile::target_tokenizer}};

using Parts = std::map<std::string, std::string_view>;

// Returns the parts that have checksums. People may edit config.json and card.json, so those of a
// directory have none.
Parts checked_parts(const ModelFile& file) {
  Parts parts;
  for (const auto& [name, tensor] : file.weights.tensors) parts[name] = tensor.bytes;
  for (const TextPart& part : kTokenizers) parts[part.key] = file.*part.text;
  if (file.is_packed)
    for (const TextPart& part : kMetadataParts) parts[part.key] = file.*part.text;
  return parts;
}

std::string checksums(const ModelFile& file) {
  Json json = Json::object();
  for (const auto& [name, bytes] : checked_parts(file)) json[name] = crc32_text(bytes);
  return to_line(json);
}

void verify(const ModelFile& file) {
  const auto found = file.weights.metadata.find("crc32");
  if (found == file.weights.metadata.end()) return;
  const Json expected = parse_json(found->second, file.name + ": crc32");
  for (const auto& [name, bytes] : checked_parts(file))
    if (!expected.is_object() || !expected.contains(name) || expected[name] != crc32_text(bytes))
      fail(part_name(file, name), "damaged: its checksum is wrong; copy the model again");
}

void check_format(const ModelFile& file) {
  const auto format = file.weights.metadata.find("format");
  if (format == file.weights.metadata.end() || !format->second.starts_with("attn "))
    fail(file.name,
         "not an attn model: its metadata has no \"format\": \"" + std::string(kFormat) + "\"");
  if (format->second != kFormat)
    fail(file.name, "written by another version of attn (\"" + format->second +
                        "\"; this version reads \"" + kFormat + "\")");
}

ModelFile read_directory(const fs::path& path) {
  ModelFile file{(path / kWeights).string(), path};
  file.weights = read_safetensors(path / kWeights);
  for (const TextPart& part : kMetadataParts)
    if (fs::exists(path / part.file) || part.text == &ModelFile::config)
      file.*part.text = read_file(path / part.file);
  for (const TextPart& part : kTokenizers) file.*part.text = read_file(path / part.file);
  return file;
}

// Removes the parts of a packed file from its tensors and metadata.
ModelFile read_packed(const fs::path& path) {
  ModelFile file{path.string(), path, true};
  file.weights = read_safetensors(path);
  check_format(file);
  for (const TextPart& part : kMetadataParts) file.*part.text = file.weights.metadata[part.key];
  for (const TextPart& part : kTokenizers)
    if (const auto node = file.weights.tensors.extract(part.key); !node.empty())
      file.*part.text = node.mapped().bytes;
  if (file.source_tokenizer.empty()) fail(file.name, "damaged: it has no source.spm");
  if (file.target_tokenizer.empty()) file.target_tokenizer = file.source_tokenizer;
  return file;
}

Tensor bytes_tensor(const std::string& bytes) {
  return {"U8", {std::ssize(bytes)}, bytes};
}

}  // namespace

std::string missing_file(const fs::path& directory) {
  for (const char* file : {"config.json", kWeights, kSource, kTarget})
    if (!fs::exists(directory / file)) return file;
  return "";
}

bool is_model(const fs::path& path) {
  return fs::is_directory(path) ? missing_file(path).empty() : fs::exists(path);
}

std::string part_name(const ModelFile& file, const std::string& part) {
  for (const auto& parts : {std::span<const TextPart>(kMetadataParts), {kTokenizers}})
    for (const TextPart& p : parts)
      if (part == p.key && !file.is_packed) return (file.path / p.file).string();
  return file.name + ": " + part;
}

ModelFile read_model_file(const fs::path& path) {
  ModelFile file = fs::is_directory(path) ? read_directory(path) : read_packed(path);
  check_format(file);
  verify(file);
  return file;
}

void write_model_directory(const fs::path& directory, const ModelFile& file) {
  SafeTensors weights{file.weights.tensors, {{"format", kFormat}, {"crc32", checksums(file)}}};
  write_safetensors(directory / kWeights, weights);
  for (const auto& parts : {std::span<const TextPart>(kMetadataParts), {kTokenizers}})
    for (const TextPart& part : parts) write_atomically(directory / part.file, file.*part.text);
}

void write_packed_model(const fs::path& path, const ModelFile& file) {
  SafeTensors all{file.weights.tensors, {{"format", kFormat}, {"crc32", checksums(file)}}};
  for (const TextPart& part : kMetadataParts) all.metadata[part.key] = file.*part.text;
  all.tensors[kSource] = bytes_tensor(file.source_tokenizer);
  if (file.target_tokenizer != file.source_tokenizer)
    all.tensors[kTarget] = bytes_tensor(file.target_tokenizer);
  write_safetensors(path, all);
}

std::size_t weight_bytes(const ModelFile& file) {
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : file.weights.tensors) bytes += tensor.bytes.size();
  return bytes;
}

}  // namespace attn
