// One line on standard error that is written over, as progress is; nothing where that is no
// terminal that can.
#pragma once

#include <string>

namespace attn {

// For the whole program, before its first live line: nobody watches. Nothing is said of signals
// then, either.
void disable_status_lines();
bool status_lines_enabled();

class StatusLine {
 public:
  StatusLine();
  ~StatusLine() { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  bool is_active() const { return live_; }
  void show(const std::string& text);
  void clear();

 private:
  bool live_, shown_ = false;
};

}  // namespace attn
