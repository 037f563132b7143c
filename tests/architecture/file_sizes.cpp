// The source files of the library are short enough to be read as a whole.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "base/file.h"

namespace fs = std::filesystem;

TEST_CASE("no source file of the library has more than 450 lines") {
  const std::set<std::string> extensions = {".h", ".cpp", ".js", ".css", ".html"};
  std::set<std::string> seen;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(ATTN_SOURCE_DIR) / "lib")) {
    const fs::path& path = entry.path();
    if (!extensions.contains(path.extension().string())) continue;
    CAPTURE(path.string());
    CHECK(std::ranges::count(attn::read_file(path), '\n') <= 450);
    seen.insert(path.extension().string());
  }
  CHECK(seen == extensions);
}
