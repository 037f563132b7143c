// Human translations to compare with: one or more for every line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attn {

// One element per reference translation of the whole text, each with one string per line.
using References = std::vector<std::vector<std::string>>;

// The references of each line. As for sacreBLEU, an empty string says that this line has one
// reference fewer. Error: numbers of lines differ, no lines at all, a line without any reference.
std::vector<std::vector<std::string_view>> references_by_line(
    const std::vector<std::string>& hypotheses, const References& references);

// For signatures: the number of references per line, "var" if lines differ in it.
std::string references_per_line(const References& references);

}  // namespace attn
