// What this program is made of, and what it finds on this machine.
#pragma once

#include <string>

namespace attn {

// "attn 0.1.0 (commit 0123abc)".
std::string version_line();

// That, the build, the libraries, and the code that is chosen at run time; a line each.
std::string version_text();

}  // namespace attn
