// Checks of file arguments before a command starts its work.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/file.h"

namespace attn {

// Throws Error if `file` cannot be created because its directory is missing or not writable.
void check_parent_directory(const fs::path& file);

// Returns whether two paths name the same file. The files need not exist.
bool same_file(const fs::path& a, const fs::path& b);

struct NamedFile {
  std::string option;  // for messages: "--output"
  fs::path path;       // empty or "-": not a file, never in conflict
};
// Returns the models as files that are read.
std::vector<NamedFile> named_models(const std::vector<fs::path>& models);

// Throws Error if one of the `written` files, or the partial file under whose name it is written at
// first, is also read or is written twice. A directory that is read is a model: its files count.
void check_distinct(std::vector<NamedFile> read, const std::vector<NamedFile>& written);

// Throws Error if the two sides of a parallel text have different numbers of lines.
void check_line_counts(const fs::path& a, std::size_t lines_a, const fs::path& b,
                       std::size_t lines_b);

}  // namespace attn
