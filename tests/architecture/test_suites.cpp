// Test cases that not every machine can run are in test suites "needs …" (tests/main.cpp). The main
// test of a program excludes them, so each suite requires a test of its own in
// tests/CMakeLists.txt.
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "base/file.h"

namespace fs = std::filesystem;

namespace {

using Suites = std::set<std::string>;  // "test_unit: int8"

// Returns the suites in the sources of the test programs, and adds their needs to `needs`.
Suites used_suites(std::set<std::string>& needs) {
  static const std::regex suite("test_suite\\(\"needs ([^\"]+)\"\\)");
  const fs::path root = ATTN_SOURCE_DIR "/tests";
  Suites out;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const fs::path name = entry.path().lexically_relative(root);
    if (entry.path().extension() != ".cpp" || !name.has_parent_path()) continue;
    const std::string text = attn::read_file(entry.path());
    for (std::sregex_iterator i(text.begin(), text.end(), suite), end; i != end; ++i) {
      needs.insert((*i)[1]);
      out.insert("test_" + name.begin()->string() + ": " + (*i)[1].str());
    }
  }
  return out;
}

// Returns the suites of all calls attn_test_needs(PROGRAM LABEL "NEED"...).
Suites suites_in_cmake() {
  static const std::regex call("\nattn_test_needs\\((\\w+) \\w+ ([^)]+)\\)"), need("\"([^\"]+)\"");
  const std::string text = attn::read_file(ATTN_SOURCE_DIR "/tests/CMakeLists.txt");
  Suites out;
  for (std::sregex_iterator i(text.begin(), text.end(), call), end; i != end; ++i) {
    const std::string program = (*i)[1], needs = (*i)[2];
    for (std::sregex_iterator j(needs.begin(), needs.end(), need); j != end; ++j)
      out.insert(program + ": " + (*j)[1].str());
  }
  return out;
}

}  // namespace

TEST_CASE("every test suite that not every machine can run has a test in ctest") {
  std::set<std::string> needs;
  const Suites used = used_suites(needs);
  CHECK(used.size() >= 8);
  CHECK(suites_in_cmake() == used);
  const std::string main = attn::read_file(ATTN_SOURCE_DIR "/tests/main.cpp");
  for (const std::string& need : needs)
    CHECK_MESSAGE(main.find("{\"needs " + need + "\",") != std::string::npos,
                  "tests/main.cpp does not check the availability of " << need);
}
