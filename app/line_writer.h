// Lines to a file that is complete or absent, or to standard output as they come.
#pragma once

#include <string>

#include "base/file.h"

namespace attn {

class LineWriter {
 public:
  // "-": standard output; "": nowhere. Error: the file's folder does not exist; a name in .gz.
  explicit LineWriter(fs::path path);

  void line(const std::string& text);
  // What was said so far is on standard output. Error: it can't be written.
  void flush();
  // Once, at the end. Error: as flush, as write_atomically.
  void finish();

 private:
  fs::path path_;
  std::string kept_;
};

}  // namespace attn
