#include "base/interrupt.h"

#include <csignal>
#include <cstddef>

#include <unistd.h>

#include "base/status_line.h"

namespace attn {
namespace {

volatile std::sig_atomic_t g_signal = 0;

void note(int signal) {
  g_signal = signal;
  std::signal(signal, SIG_DFL);
  if (!status_lines_enabled()) return;
  constexpr char kText[] = "\nfinishing this step and saving; once more ends at once\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof kText - 1);
}

// Signals to a process go to its first thread, which is the one that calls this. They need a stack
// of their own: where they came upon a product of oneDNN's on the thread's, the heap was damaged.
void provide_stack() {
  alignas(64) static std::byte stack[std::size_t{1} << 16];
  stack_t wanted = {};
  wanted.ss_sp = stack;
  wanted.ss_size = sizeof stack;
  sigaltstack(&wanted, nullptr);
}

void attend_to(int signal) {
  struct sigaction before = {};
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;  // nohup, a script's "&"
  struct sigaction wanted = {};
  wanted.sa_handler = note;
  wanted.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(signal, &wanted, nullptr);
}

}  // namespace

void catch_interrupts() {
  g_signal = 0;
  provide_stack();
  attend_to(SIGINT);
  attend_to(SIGTERM);
}

int interrupted() {
  return g_signal;
}

}  // namespace attn
