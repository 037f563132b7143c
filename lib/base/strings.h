// Formatting, joining, padding and wrapping of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace attn {

// Returns the arguments formatted as by std::printf.
[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...);

// Returns the texts in order, with `separator` between neighbors.
std::string joined(const std::vector<std::string>& texts, const std::string& separator);

// Returns the text between double quotation marks.
std::string in_quotes(const std::string& text);

// Returns a field of a tab-separated table. A text with quotation marks is enclosed in quotation
// marks, and those within it are doubled (RFC 4180), as spreadsheets and data frames expect.
std::string table_field(const std::string& text);

// Returns the width of a text: its number of code points. Combining marks and wide characters count
// as one; report/terminal.h has the exact width on a terminal.
std::size_t columns(const std::string& text);

// Returns `text` followed by spaces up to `width`. The text counts as `text_width`, by default its
// number of bytes. A text that is too wide is returned unchanged.
std::string pad_right(const std::string& text, std::size_t width, std::size_t text_width);
std::string pad_right(const std::string& text, std::size_t width);

// Returns the words of `text` in lines of at most `width` columns, each of which ends with a
// newline. The first line is indented by `indent` columns, the others by `indent + hanging`.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent,
                    std::size_t hanging = 0);

}  // namespace attn
