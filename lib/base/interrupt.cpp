#include "base/interrupt.h"

#include <csignal>

namespace attn {
namespace {

volatile std::sig_atomic_t g_signal = 0;

void note(int signal) {
  g_signal = signal;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  g_signal = 0;
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

int interrupted() {
  return g_signal;
}

}  // namespace attn
