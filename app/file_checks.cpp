#include "file_checks.h"

#include "base/error.h"
#include "model/model_file.h"

namespace attn {

void check_parent_directory(const fs::path& file) {
  const fs::path directory = file.parent_path();
  if (!directory.empty() && !fs::is_directory(directory))
    throw Error(file.string() + ": cannot write: there is no directory " + directory.string() +
                "; create it first");
  if (!fs::exists(file) && !is_writable(directory.empty() ? "." : directory))
    throw Error(file.string() + ": cannot write: files cannot be created in its directory; " +
                "choose another one");
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored) ||
         fs::absolute(a, ignored).lexically_normal() == fs::absolute(b, ignored).lexically_normal();
}

namespace {

// Returns whether writing `written` would replace `other`, or a file of the model `other`.
bool conflicts(const fs::path& written, const fs::path& other) {
  if (same_file(written, other)) return true;
  if (fs::is_directory(other)) {
    const fs::path folder = fs::absolute(written).parent_path(), best = other / "best";
    return (is_model(other) && same_file(folder, other)) ||
           (is_model(best) && same_file(folder, best));
  }
  const auto partial = [](const fs::path& path) { return fs::path(path.string() + ".partial"); };
  return same_file(partial(written), other) || same_file(written, partial(other));
}

}  // namespace

std::vector<NamedFile> named_models(const std::vector<fs::path>& models) {
  std::vector<NamedFile> out;
  for (const fs::path& model : models) out.push_back({"a file of the model", model});
  return out;
}

void check_distinct(std::vector<NamedFile> read, const std::vector<NamedFile>& written) {
  for (const NamedFile& file : written) {
    if (file.path.empty() || file.path == "-" || fs::is_character_file(file.path)) continue;
    for (const NamedFile& other : read)
      if (!other.path.empty() && other.path != "-" && conflicts(file.path, other.path))
        throw Error(file.path.string() + ": " + file.option + " would overwrite " + other.option +
                    "; choose another file");
    read.push_back(file);
  }
}

void check_line_counts(const fs::path& a, std::size_t lines_a, const fs::path& b,
                       std::size_t lines_b) {
  if (lines_a != lines_b)
    throw Error(a.string() + " has " + std::to_string(lines_a) + " lines, but " + b.string() +
                " has " + std::to_string(lines_b) +
                ": each line must correspond to the same line of the other file");
}

}  // namespace attn
