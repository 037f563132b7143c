#include "base/status_line.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace attn {
namespace {

std::atomic<bool> g_enabled = true;

bool can_erase() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal && std::string_view(terminal) != "dumb";
}

}  // namespace

void disable_status_lines() {
  g_enabled = false;
}

bool status_lines_enabled() {
  return g_enabled;
}

StatusLine::StatusLine() : active_(status_lines_enabled() && can_erase()) {}

void StatusLine::show(const std::string& text) {
  if (!active_) return;
  // Erases the line and truncates the text at the terminal's width, because a text that wraps could
  // not be erased.
  std::fprintf(stderr, "\r\033[K\033[?7l%s\033[?7h", text.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void StatusLine::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace attn
