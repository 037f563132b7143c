// One line on standard error that is written over, as progress is; nothing where that is no
// terminal.
#pragma once

#include <string>

namespace attn {

class LiveLine {
 public:
  LiveLine();
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool on_terminal() const { return on_terminal_; }
  void show(const std::string& text);
  void clear();

 private:
  bool on_terminal_, shown_ = false;
};

}  // namespace attn
