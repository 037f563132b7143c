// Files: whole texts, lines (plain or gzip), and writing that is complete or absent.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace attn {

namespace fs = std::filesystem;

// The whole file. Error: names the path and the system's reason.
std::string read_file(const fs::path& path);

// Writes `content` to a temporary file beside `path`, syncs it, renames it over `path`. Error: path and reason;
// then `path` is as it was and the temporary file is gone.
void write_atomically(const fs::path& path, std::string_view content);

// Lines of a text file, plain or gzip (told by its first bytes, not its name), read as a stream.
// A byte-order mark at the start, and the CR of a CRLF, are taken off. A last line without "\n" counts.
// Error, with file and line number: unreadable, damaged gzip, a NUL, invalid UTF-8.
class LineReader {
 public:
  explicit LineReader(const fs::path& path);   // "-": standard input
  ~LineReader();
  LineReader(LineReader&&) noexcept;

  bool next(std::string& line);                // false at the end
  std::size_t line_number() const;             // of the last line given, from 1

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The position of the first byte that is not valid UTF-8 (no surrogates, no overlong forms), or npos.
std::size_t invalid_utf8(std::string_view text);

}  // namespace attn
