#include "base/interrupt.h"

#include <csignal>
#include <cstddef>
#include <string_view>

#include <unistd.h>

#include "base/status_line.h"

namespace attn {
namespace {

volatile std::sig_atomic_t g_signal = 0;
volatile std::sig_atomic_t g_save_requested = 0;
std::string_view g_message;  // set before the handlers are installed

void record(int signal) {
  g_signal = signal;
  std::signal(signal, SIG_DFL);
  if (!status_lines_enabled()) return;
  [[maybe_unused]] const auto written = write(STDERR_FILENO, g_message.data(), g_message.size());
}

// Gives the signal handlers a stack of their own, because on the normal stack a signal during a
// oneDNN matrix product corrupted the heap. Must be called by the main thread, which receives the
// signals of the process.
void use_signal_stack() {
  alignas(64) static std::byte stack[std::size_t{1} << 16];
  stack_t wanted = {};
  wanted.ss_sp = stack;
  wanted.ss_size = sizeof stack;
  sigaltstack(&wanted, nullptr);
}

void handle(int signal) {
  struct sigaction before = {};
  sigaction(signal, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;  // under nohup, or after "&" in a script
  struct sigaction wanted = {};
  wanted.sa_handler = record;
  wanted.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(signal, &wanted, nullptr);
}

}  // namespace

void catch_interrupts(std::string_view message) {
  g_message = message;
  g_signal = 0;
  use_signal_stack();
  handle(SIGINT);
  handle(SIGTERM);
  handle(SIGHUP);
}

int interrupted() {
  return g_signal;
}

void catch_save_requests() {
  use_signal_stack();
  struct sigaction wanted = {};
  wanted.sa_handler = [](int) { g_save_requested = 1; };
  wanted.sa_flags = SA_ONSTACK | SA_RESTART;
  sigaction(SIGUSR1, &wanted, nullptr);
}

bool take_save_request() {
  if (g_save_requested == 0) return false;
  g_save_requested = 0;
  return true;
}

}  // namespace attn
