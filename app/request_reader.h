// What is asked of attn translate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"

namespace attn {

// A line each: its text, what its translation begins with (no prefixes: nothing is said of any),
// and of JSON lines the objects as they came.
struct Requests {
  std::vector<std::string> texts, prefixes;
  std::vector<Json> objects;

  void clear() { texts.clear(), prefixes.clear(), objects.clear(); }
};

class RequestReader {
 public:
  // input: lines of text, or objects {"source", "prefix", …}; "-": standard input. prefixes: a line
  // for each, or "".
  RequestReader(const fs::path& input, const fs::path& prefixes, bool json_lines);

  // The next ones, at most so many; none at the end. Error: as LineReader; a line that is no such
  // object; not as many prefixes as lines.
  bool next(std::size_t most, Requests& out);

 private:
  [[noreturn]] void fail_prefix(const std::string& what) const;
  void read_prefix(Requests& out);
  void read_object(const std::string& line, Requests& out) const;

  std::string input_, prefix_file_;  // for messages
  bool json_lines_;
  LineReader lines_;
  std::optional<LineReader> prefixes_;
};

}  // namespace attn
