// Writes lines to standard output one by one, or to a file all at once.
#pragma once

#include <string>

#include "base/file.h"

namespace attn {

class LineWriter {
 public:
  // "-" is standard output; an empty path discards all lines. Throws Error if the directory of the
  // file does not exist.
  explicit LineWriter(fs::path path);

  void line(const std::string& text);
  // Flushes standard output. Throws Error if it cannot be written.
  void flush();
  // Writes the file: complete or not at all. To be called once, at the end. Throws Error if it
  // cannot be written.
  void finish();

 private:
  fs::path path_;
  std::string buffer_;
};

}  // namespace attn
