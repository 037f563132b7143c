#include "base/live_line.h"

#include <cstdio>

#include <unistd.h>

namespace attn {

LiveLine::LiveLine() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

void LiveLine::show(const std::string& text) {
  if (!on_terminal_) return;
  // Erased, then cut at the terminal's width: wrapped, it could not be erased.
  std::fprintf(stderr, "\r\033[K\033[?7l%s\033[?7h", text.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void LiveLine::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace attn
