// Measures elapsed time.
#pragma once

#include <chrono>

namespace attn {

// Starts when it is constructed. Assigning a new one restarts it: watch = {}.
class Stopwatch {
 public:
  Stopwatch() = default;
  // Starts with a number of seconds that were measured before.
  explicit Stopwatch(double seconds_before) : seconds_before_(seconds_before) {}

  // Returns the seconds since the start, plus those measured before.
  double seconds() const {
    return seconds_before_ + std::chrono::duration<double>(Clock::now() - begin_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double seconds_before_ = 0;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace attn
