// Runs a command line of bash.
#pragma once

#include <string>

// Returns what a command prints to standard output and standard error; $attn is the path of the
// program. Requires that its exit code is 0.
std::string shell(const std::string& command);
