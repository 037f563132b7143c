// The version of the program and what it was built from.
#pragma once

#include <string>

namespace attn {

// Returns "attn 0.1.0 (commit 0123abc)".
std::string version_line();

// Returns five lines: the version, the build, the libraries, the processor, and the code that is
// selected for matrix products on this processor.
std::string version_text();
// Returns the libraries and instructions that compute matrix products.
std::string products_text();

}  // namespace attn
