// Treats SIGINT, SIGTERM and SIGHUP (a closed terminal) as requests to stop. The program finishes
// its current step and saves; a second signal ends it immediately.
#pragma once

#include <string_view>

namespace attn {

// The message of commands that train.
inline constexpr std::string_view kSavingMessage =
    "\nfinishing this update or validation and saving; press Ctrl-C again to quit immediately\n";

// Installs the signal handlers. Signals that are ignored (nohup) stay ignored. The first signal
// prints the message, which must be a constant.
void catch_interrupts(std::string_view message = kSavingMessage);
// Returns the number of the signal that has arrived since catch_interrupts, or 0.
int interrupted();

// Makes SIGUSR1 a request to save and go on, instead of the end of the program.
void catch_save_requests();
// Returns whether SIGUSR1 has arrived since the last call.
bool take_save_request();

}  // namespace attn
