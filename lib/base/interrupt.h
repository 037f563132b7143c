// Treats SIGINT, SIGTERM and SIGHUP (a closed terminal) as requests to stop. The program finishes
// its current step and saves; a second signal ends it immediately.
#pragma once

namespace attn {

// Installs the signal handlers. Signals that are ignored (nohup) stay ignored.
void catch_interrupts();
// Returns the number of the signal that has arrived since catch_interrupts, or 0.
int interrupted();

}  // namespace attn
