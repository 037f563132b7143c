// Words put together: in a list, in lines of a width.
#pragma once

#include <string>
#include <vector>

namespace attn {

std::string joined(const std::vector<std::string>& parts, const std::string& separator);

// A field of a table whose columns are parted by tabs, as spreadsheets and data frames read it: in
// quotes, those within doubled, if it has any (RFC 4180).
std::string table_field(const std::string& text);

// Columns that a text takes: its code points, marks that combine not told apart.
std::size_t columns(const std::string& text);

// The words of `text` in lines of at most `width` columns, each ended by a newline: the first is
// indented by `indent`, the others by `hanging` more.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent,
                    std::size_t hanging = 0);

}  // namespace attn
