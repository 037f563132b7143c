#include "base/interrupt.h"

#include <csignal>

#include <unistd.h>

#include "base/live_line.h"

namespace attn {
namespace {

volatile std::sig_atomic_t g_signal = 0;

void note(int signal) {
  g_signal = signal;
  std::signal(signal, SIG_DFL);
  if (!live_lines_allowed()) return;
  constexpr char kText[] = "\nfinishing this step and saving; once more ends at once\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof kText - 1);
}

void attend_to(int signal) {
  if (std::signal(signal, note) == SIG_IGN) std::signal(signal, SIG_IGN);  // nohup, a script's "&"
}

}  // namespace

void catch_interrupts() {
  g_signal = 0;
  attend_to(SIGINT);
  attend_to(SIGTERM);
}

int interrupted() {
  return g_signal;
}

}  // namespace attn
