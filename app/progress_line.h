// The progress of a command on a terminal: "translated 120 of 400  35/s  0:08 left".
#pragma once

#include <cstddef>
#include <string>

#include "base/status_line.h"
#include "base/stopwatch.h"

namespace attn {

class ProgressLine {
 public:
  // `verb` is the first word. `total` is the number of items, or 0 if it is unknown; then the
  // remaining time is not shown. Nothing is shown if `wanted` is false or stderr is not a terminal.
  ProgressLine(std::string verb, std::size_t total, bool wanted);
  void advance(std::size_t n);
  // Removes the line. To be called before other output.
  void clear() { line_.clear(); }

 private:
  std::string verb_;
  std::size_t total_, done_ = 0;
  bool wanted_;
  Stopwatch stopwatch_;
  StatusLine line_;
};

}  // namespace attn
