// The documentation of options, for the terminal and for configs/README.md.
#pragma once

#include <string>
#include <vector>

#include "base/options.h"

namespace attn {

// Describes all options of a config that holds its defaults: for the terminal, and as a Markdown
// table.
std::string describe_text(const std::vector<Option>& options);
std::string describe_markdown(const std::vector<Option>& options);

}  // namespace attn
