#include "base/interrupt.h"

#include <csignal>

#include <doctest/doctest.h>

namespace attn::test {

TEST_CASE("the first signal is recorded on a separate stack, and the default action is restored") {
  // The environment may ignore signals, and ignored signals stay ignored.
  struct sigaction default_action = {}, sigterm = {}, sigint = {}, during = {};
  default_action.sa_handler = SIG_DFL;
  sigaction(SIGTERM, &default_action, &sigterm);
  sigaction(SIGINT, &default_action, &sigint);
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
  sigaction(SIGTERM, &sigterm, nullptr);
  sigaction(SIGINT, &sigint, nullptr);
}

}  // namespace attn::test
