// Words put together: in a list, in lines of a width.
#pragma once

#include <string>
#include <vector>

namespace attn {

std::string joined(const std::vector<std::string>& parts, const std::string& separator);

// Columns that a text takes: its code points, marks that combine not told apart.
std::size_t columns(const std::string& text);

// The words of `text` in lines of at most `width` columns, each ended by a newline: the first is
// indented by `indent`, the others by `hanging` more.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent,
                    std::size_t hanging = 0);

}  // namespace attn
