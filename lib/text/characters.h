// Characters (code points) of UTF-8 text and their classes.
#pragma once

#include <cstddef>
#include <string_view>

namespace attn {

// A range of bytes of a text.
struct TextRange {
  std::size_t begin, end;
  friend bool operator==(const TextRange&, const TextRange&) = default;
};

// Return the character that begins at byte `at` or ends before it, and move `at` to its other end.
// Return U+FFFD for a byte that is not UTF-8. Require at < size and at > 0.
char32_t read_forward(std::string_view text, std::size_t& at);
char32_t read_backward(std::string_view text, std::size_t& at);
// Return the same characters without moving; 0 at the end or the beginning of the text.
char32_t character_after(std::string_view text, std::size_t at);
char32_t character_before(std::string_view text, std::size_t at);

// Returns the range without the white space at its ends. It is empty if there is nothing else.
TextRange trimmed(std::string_view text, TextRange range);

// Return whether the character belongs to the class (Unicode properties, unless stated).
bool is_white_space(char32_t c);
bool is_line_separator(char32_t c);  // line feed, carriage return, U+0085, U+2028, U+2029
bool is_lower_case(char32_t c);
bool is_upper_case(char32_t c);
bool is_digit(char32_t c);           // decimal digit of any script
bool is_capital_letter(char32_t c);  // a letter that is not lower case, in scripts without case too
bool is_opening(char32_t c);         // opening bracket or quotation mark, or " or '
bool is_closing(char32_t c);         // closing bracket or quotation mark, or " or '
bool ends_sentences(char32_t c);     // . ! ? and their relatives in all scripts
bool ends_clauses(char32_t c);       // , ; : ! ? … and long dashes, and their relatives
inline bool is_ascii(char32_t c) {
  return c < 0x80;
}

}  // namespace attn
