// Models on disk: a model directory, or one packed file.
//
//   directory                            packed file
//   model.safetensors                    a safetensors file with the same tensors; those of
//   matrices
//                                        may be rows of I8 with a scale each ("NAME.scale")
//   config.json, card.json               "config" and "card" in its metadata
//   source.spm, target.spm               the tensors "source.spm" and "target.spm" (U8); the latter
//                                        only if they differ
//
// The metadata has "format", the version of this layout, and "crc32", the checksums of all parts as
// a JSON object. A file without "crc32" is not verified: other programs may write model files.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.h"
#include "base/safetensors.h"

namespace attn {

struct ModelFile {
  std::string name;            // for messages: the file with the tensors
  std::filesystem::path path;  // the directory or the packed file
  bool is_packed = false;
  SafeTensors weights = {};                                  // without tokenizers
  std::string config = {}, card = {};                        // JSON texts
  std::string source_tokenizer = {}, target_tokenizer = {};  // serialized SentencePiece models
};

// Returns whether the path is a model directory, or a file that may be a packed model.
bool is_model(const std::filesystem::path& path);
// Returns the name of a file that a directory lacks to be a model directory, or "".
std::string missing_file(const std::filesystem::path& directory);

// Reads all parts of a model and verifies their checksums. Throws Error, with the name of the part,
// if one is missing or damaged.
ModelFile read_model_file(const std::filesystem::path& path);

// Returns the name of a part as messages show it: "RUN/best/config.json", or "x.attn: config".
std::string part_name(const ModelFile& file, const std::string& part);

// Writes a model directory, which must exist. `weights` has the tensors.
void write_model_directory(const std::filesystem::path& directory, const ModelFile& file);

// Writes a packed file. The tensors are written as they are. Equal models give equal bytes.
void write_packed_model(const std::filesystem::path& path, const ModelFile& file);

// Returns the number of bytes of the weights, without tokenizers.
std::size_t weight_bytes(const ModelFile& file);

}  // namespace attn
