// A status line on stderr, such as progress, that is overwritten by the next one. Nothing is shown
// if stderr is not a terminal that can erase lines.
#pragma once

#include <string>

namespace attn {

// Disables the status lines of the whole program, and the message of interrupt.h. Requires that no
// StatusLine exists yet.
void disable_status_lines();
// Returns false after disable_status_lines().
bool status_lines_enabled();

class StatusLine {
 public:
  StatusLine();
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  // Returns whether the terminal can show the line and status lines are enabled.
  bool is_active() const { return active_; }
  // Replaces the line by `text`.
  void show(const std::string& text);
  // Erases the line.
  void clear();

 private:
  bool active_, shown_ = false;
};

}  // namespace attn
