// SIGINT and SIGTERM, unless they are ignored, as a request: the program finishes what it does and
// saves. A second one ends it at once.
#pragma once

namespace attn {

void catch_interrupts();
// The signal that came since, 0 if none.
int interrupted();

}  // namespace attn
