#include "base/interrupt.h"

#include <csignal>

#include <doctest/doctest.h>

namespace attn::test {

TEST_CASE("the first signal is recorded on a separate stack, and the default action is restored") {
  struct sigaction before = {}, during = {};
  sigaction(SIGTERM, nullptr, &before);
  if (before.sa_handler == SIG_IGN) return;  // ignored signals stay ignored
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
