// Turns errors into messages and exit codes.
#pragma once

#include <functional>

namespace attn {

// Returns the exit code that f returns, or that of the error that it throws, whose message is
// logged. An error that all processes of a training find is reported by the first one alone.
int guarded(const std::function<int()>& f);

}  // namespace attn
