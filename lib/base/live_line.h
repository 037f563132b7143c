// One line on standard error that is written over, as progress is; nothing where that is no
// terminal that can.
#pragma once

#include <string>

namespace attn {

// For the whole program, before its first live line: nobody watches. Nothing is said of signals
// then, either.
void forbid_live_lines();
bool live_lines_allowed();

class LiveLine {
 public:
  LiveLine();
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool is_live() const { return live_; }
  void show(const std::string& text);
  void clear();

 private:
  bool live_, shown_ = false;
};

}  // namespace attn
