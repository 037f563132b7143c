#include "progress_line.h"

#include "base/strings.h"
#include "train/run_log.h"

namespace attn {

ProgressLine::ProgressLine(std::string verb, std::size_t total, bool wanted)
    : verb_(std::move(verb)), total_(total), wanted_(wanted) {}

void ProgressLine::advance(std::size_t n) {
  done_ += n;
  if (!wanted_ || done_ == 0) return;
  const double rate = static_cast<double>(done_) / stopwatch_.seconds();
  if (total_ == 0) return line_.show(format("%s %zu  %.0f/s", verb_.c_str(), done_, rate));
  line_.show(format("%s %zu of %zu  %.0f/s  %s left", verb_.c_str(), done_, total_, rate,
                    clock_text(static_cast<double>(total_ - done_) / rate).c_str()));
}

}  // namespace attn
