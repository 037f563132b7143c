// Reads the input of attn translate: lines of text, or JSON lines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/line_reader.h"

namespace attn {

// One element per line.
struct Requests {
  std::vector<std::string> texts;
  std::vector<std::string> prefixes;  // beginnings of the translations; empty without --prefix
  std::vector<Json> objects;          // objects of JSON lines, unchanged

  void clear() { texts.clear(), prefixes.clear(), objects.clear(); }
};

class RequestReader {
 public:
  // Reads `input` ("-": standard input), and for each of its lines one of `prefixes`, unless that
  // is an empty path. With `json_lines`, each line is an object {"source", "prefix", …}.
  RequestReader(const fs::path& input, const fs::path& prefixes, bool json_lines);

  // Reads up to `max` further lines; returns false at the end. Throws Error if a line cannot be
  // read, is not a valid object, or if there are not as many prefixes as lines.
  bool next(std::size_t max, Requests& out);

 private:
  [[noreturn]] void fail_prefix(const std::string& problem) const;
  void read_prefix(Requests& out);
  void read_object(const std::string& line, Requests& out) const;

  std::string input_, prefix_file_;  // for messages
  bool json_lines_;
  LineReader lines_;
  std::optional<LineReader> prefixes_;
};

}  // namespace attn
