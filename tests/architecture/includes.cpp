// The rules of the architecture (lib/README.md): which directory may include which, where
// exceptions are caught and threads are started, and which files use third-party libraries.
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/file.h"

namespace fs = std::filesystem;

namespace {

struct Source {
  std::string name, text;  // "lib/base/file.cpp"
};

const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    const fs::path root = ATTN_SOURCE_DIR;
    std::vector<Source> out;
    for (const char* directory : {"lib", "app"})
      for (const auto& entry : fs::recursive_directory_iterator(root / directory))
        if (const auto extension = entry.path().extension();
            extension == ".cpp" || extension == ".h")
          out.push_back(
              {entry.path().lexically_relative(root).string(), attn::read_file(entry.path())});
    return out;
  }();
  return all;
}

// Returns the files whose text, without comments, contains a match of the pattern.
std::set<std::string> files_with(const std::string& pattern) {
  static const std::regex comment("//[^\n]*");
  const std::regex wanted(pattern);
  std::set<std::string> out;
  for (const auto& [name, text] : sources())
    if (std::regex_search(std::regex_replace(text, comment, ""), wanted)) out.insert(name);
  return out;
}

// Returns the names in #include "…".
std::vector<std::string> own_includes(const std::string& text) {
  static const std::regex include("(^|\n)#include \"([^\"]+)\"");
  std::vector<std::string> out;
  for (std::sregex_iterator i(text.begin(), text.end(), include), end; i != end; ++i)
    out.push_back((*i)[2]);
  return out;
}

using Names = std::set<std::string>;

// For each layer, the layers below it, which its files may include.
const std::map<std::string, Names> kBelow = {
    {"base", {}},
    {"math", {"base"}},
    {"math/gemm", {"base", "math"}},
    {"alignment", {"base"}},
    {"metrics", {"base"}},
    {"report", {"base", "alignment"}},
    {"text", {"base", "alignment"}},
    {"nn", {"base", "math", "math/gemm"}},
    {"nn/attention", {"base", "math", "math/gemm", "nn"}},
    {"model", {"base", "math", "math/gemm", "nn", "nn/attention", "text"}},
    {"search", {"base", "math", "math/gemm", "nn", "model", "text", "alignment"}},
    {"train",
     {"base", "math", "math/gemm", "nn", "nn/attention", "text", "model", "search", "alignment",
      "metrics", "report"}},
    {"service",
     {"base", "math", "math/gemm", "nn", "nn/attention", "text", "model", "search", "alignment",
      "metrics", "report", "train"}},
    {"mpi", {"base", "math", "train"}},
    {"app",
     {"base", "math", "math/gemm", "nn", "nn/attention", "text", "model", "search", "alignment",
      "metrics", "report", "train", "service", "mpi"}}};

// Returns the layer of a file or an include: "math/gemm" for "lib/math/gemm/product.cpp" and for
// "math/gemm/product.h".
std::string layer_of(const std::string& name) {
  const std::string inside = name.starts_with("lib/") ? name.substr(4) : name;
  return inside.substr(0, inside.rfind('/'));
}

}  // namespace

TEST_CASE("a file includes only files of its own layer and of layers below") {
  std::size_t seen = 0;
  for (const Source& source : sources()) {
    const std::string name = source.name, layer = layer_of(name);
    CAPTURE(name);
    REQUIRE(kBelow.count(layer) == 1);
    for (const auto& include : own_includes(source.text)) {
      CAPTURE(include);
      // Files of app include each other without a directory.
      const bool is_app = include.find('/') == std::string::npos;
      const std::string other = is_app ? "app" : layer_of(include);
      CHECK((other == layer || kBelow.at(layer).count(other) == 1));
      CHECK(fs::exists(fs::path(ATTN_SOURCE_DIR) / (is_app ? "app" : "lib") / include));
      ++seen;
    }
  }
  CHECK(seen > 100);  // the pattern matches includes
}

TEST_CASE("every header has #pragma once, and every source file includes its own header first") {
  for (const Source& source : sources()) {
    const std::string &name = source.name, &text = source.text;
    CAPTURE(name);
    if (name.ends_with(".h")) CHECK(text.find("#pragma once\n") != std::string::npos);
    fs::path header = name;
    header.replace_extension(".h");
    if (name.ends_with(".cpp") && fs::exists(ATTN_SOURCE_DIR / header))
      CHECK(own_includes(text).at(0) ==
            (name.starts_with("lib/") ? header.string().substr(4) : header.filename().string()));
  }
}

TEST_CASE(
    "exceptions are caught only where they end the program and where those of a library are "
    "translated") {
  CHECK(files_with(R"(\bcatch \()") == Names{"app/failure.cpp",
                                             "app/main.cpp",                 // of CLI11
                                             "app/processes.cpp",            // rethrown
                                             "lib/base/background_queue.h",  // rethrown by take()
                                             "lib/base/error.cpp",     // returned as a message
                                             "lib/base/json.cpp",      // of nlohmann/json
                                             "lib/base/parallel.cpp",  // rethrown by another thread
                                             "lib/base/safetensors.cpp",     // of nlohmann/json
                                             "lib/math/gemm/onednn.cpp",     // of oneDNN
                                             "lib/service/api_fields.cpp",   // answered
                                             "lib/train/checkpoint.cpp",     // of nlohmann/json
                                             "lib/train/communicator.cpp",   // rethrown
                                             "lib/train/run_log.cpp",        // of spdlog
                                             "lib/train/shared_text.cpp"});  // rethrown
}

TEST_CASE("only Pool and BackgroundQueue start threads") {
  CHECK(files_with(R"(std::(thread|jthread|async)\b|pthread_create|#pragma omp parallel)") ==
        Names{"lib/base/background_queue.h", "lib/base/parallel.cpp", "lib/base/parallel.h"});
}

TEST_CASE("every third-party library is included only by the files that wrap it") {
  CHECK(files_with("#include <sentencepiece") == Names{"lib/text/tokenizer.cpp"});
  CHECK(files_with("#include <(oneapi/)?dnnl") == Names{"lib/math/gemm/onednn.cpp"});
  CHECK(files_with("#include <nlohmann") == Names{"lib/base/json.h"});
  CHECK(files_with("#include <librsvg") == Names{"lib/report/png.cpp"});
  CHECK(files_with("#include <zlib") == Names{"lib/base/checksum.cpp", "lib/base/line_reader.cpp"});
  CHECK(files_with("#include <httplib") == Names{"lib/service/http_server.cpp"});
  CHECK(files_with("#include <gumbo") == Names{"lib/service/html.cpp"});
  CHECK(files_with("#include <cld2") == Names{"lib/service/languages.cpp"});
  CHECK(files_with("#include <spdlog") ==
        Names{"app/failure.cpp", "app/log.cpp", "app/main.cpp", "lib/train/run_log.cpp"});
  CHECK(files_with("#include <mpi.h>") == Names{"lib/mpi/mpi_processes.cpp"});
  for (const auto& name : files_with("#include <CLI")) CHECK(layer_of(name) == "app");
}
