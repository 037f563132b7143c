// A file of lines that is written while its contents are computed.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/file.h"

namespace attn {

// How partial files are treated.
enum class Partial {
  discard,     // one that exists is overwritten; if finish() is not called, the file is removed
  keep,        // one that exists is an Error, unless it is empty
  continue_it  // the contents of one that exists are kept
};

// Writes to `path` + ".partial", which finish() renames to `path`. If the process ends before, the
// partial file stays. The new file gets the permissions of the one that it
// replaces. If `path` is a symbolic link, its target is replaced. A device or a pipe (/dev/null) is
// written to directly.
class OutputFile {
 public:
  // Opens the partial file. Throws Error, here and below, with the path and the system's reason.
  OutputFile(const fs::path& path, Partial partial);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Returns the name of the partial file.
  const fs::path& partial() const { return partial_; }
  // Discards all but the first `bytes` bytes of the file.
  void truncate(std::uint64_t bytes);
  // Writes the bytes at the end of the file.
  void write(std::string_view bytes);
  // Syncs the file and gives it its final name. To be called once, at the end.
  void finish();

 private:
  fs::path path_, partial_;  // equal for devices and pipes
  Partial mode_;
  bool is_finished_ = false;
  struct State;
  std::unique_ptr<State> state_;
};

// Returns the name of the partial file for `path`.
fs::path partial_name(const fs::path& path);

}  // namespace attn
