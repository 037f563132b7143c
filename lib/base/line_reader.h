// Text files, plain or gzip, read line by line, and their encoding, UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace attn {

// Reads the lines of a text file as a stream. Gzip is recognized by the first bytes of the file,
// not by its name. A byte-order mark at the start and the CR of a CRLF are removed. The last line
// need not end with a newline. Throws Error, with file and line number, if the file is unreadable,
// a damaged gzip file, or contains a NUL or invalid UTF-8.
class LineReader {
 public:
  explicit LineReader(const fs::path& path);  // "-": standard input
  ~LineReader();
  LineReader(LineReader&&) noexcept;

  // Reads the next line. Returns false at the end of the file.
  bool next(std::string& line);
  // Does the same, but a line with a NUL or invalid UTF-8 is not an error: sets `problem` to the
  // message, which is empty for other lines.
  bool next(std::string& line, std::string& problem);
  // Returns the number of the line last read, counted from 1.
  std::size_t line_number() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Returns all lines of a file. Throws Error as LineReader does.
std::vector<std::string> read_lines(const fs::path& path);

// What happens to lines that are not text.
enum class Invalid { refused, counted };

// Returns the number of lines of a file. Throws Error as LineReader does.
std::size_t count_lines(const fs::path& path, Invalid invalid = Invalid::refused);

// Returns the offset of the first invalid UTF-8 sequence (surrogates and overlong forms are
// invalid), or npos.
std::size_t invalid_utf8(std::string_view text);

}  // namespace attn
