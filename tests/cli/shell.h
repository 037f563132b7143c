// A command line of bash, and whether a program is there at all.
#pragma once

#include <string>

// What it prints on standard output and standard error, with $attn as the program. Its exit code
// must be 0.
std::string shell(const std::string& command);

// If not, says that something was not tried.
bool is_there(const std::string& program);
