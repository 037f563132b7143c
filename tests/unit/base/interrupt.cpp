#include "base/interrupt.h"

#include <csignal>

#include <doctest/doctest.h>

namespace attn::test {

TEST_CASE("a signal is noted once, on a stack of its own") {
  struct sigaction before = {}, during = {};
  sigaction(SIGTERM, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;  // and stays so
  catch_interrupts();
  CHECK(interrupted() == 0);
  sigaction(SIGTERM, nullptr, &during);
  CHECK((during.sa_flags & SA_ONSTACK) != 0);
  stack_t stack = {};
  REQUIRE(sigaltstack(nullptr, &stack) == 0);
  CHECK((stack.ss_flags & SS_DISABLE) == 0);
  raise(SIGTERM);
  CHECK(interrupted() == SIGTERM);
  sigaction(SIGTERM, nullptr, &during);
  CHECK((during.sa_handler == SIG_DFL));
  std::signal(SIGINT, SIG_DFL);
}

}  // namespace attn::test
