// Measures elapsed time.
#pragma once

#include <chrono>

namespace attn {

// Starts when it is constructed. Assigning a new one restarts it: watch = {}.
class Stopwatch {
 public:
  // Returns the seconds since the start.
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace attn
