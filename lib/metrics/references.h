// Reference translations: one or more per line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attn {

// One element per reference translation of the whole text; each has one string per line.
using References = std::vector<std::vector<std::string>>;

// Returns the references of each line. As in sacreBLEU, an empty string means that the line has one
// reference fewer. Throws Error if the numbers of lines differ, if there are no lines, or if a line
// has no reference.
std::vector<std::vector<std::string_view>> references_by_line(
    const std::vector<std::string>& hypotheses, const References& references);

// Returns the number of references per line for a signature, or "var" if it varies.
std::string references_per_line(const References& references);

}  // namespace attn
