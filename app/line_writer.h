// Writes lines to standard output, or to a file while they are computed.
#pragma once

#include <optional>
#include <string>

#include "base/output_file.h"

namespace attn {

class LineWriter {
 public:
  // "-" is standard output; an empty path discards all lines. Throws Error if the file cannot be
  // written.
  explicit LineWriter(fs::path path, Partial partial = Partial::discard);

  void line(const std::string& text);
  // Hands all lines to the system. Throws Error, here and below, if they cannot be written.
  void flush();
  // Flushes, and gives the file its name. To be called once, at the end.
  void finish();
  // Discards all but the first `bytes` bytes of a continued file.
  void truncate(std::uint64_t bytes);

 private:
  fs::path path_;
  std::string buffer_;
  std::optional<OutputFile> file_;
};

}  // namespace attn
