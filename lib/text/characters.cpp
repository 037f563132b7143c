#include "text/characters.h"

#include <algorithm>
#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace attn {
namespace {

UChar32 code_point(char32_t c) {
  return static_cast<UChar32>(c);
}

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // inside ICU's macros
char32_t read_forward(std::string_view text, std::size_t& at) {
  UChar32 c = 0;
  U8_NEXT_OR_FFFD(bytes_of(text), at, text.size(), c);
  return static_cast<char32_t>(c);
}

char32_t read_backward(std::string_view text, std::size_t& at) {
  constexpr std::size_t kMaxBytes = 4;  // a character has no more
  const std::string_view before =
      text.substr(at - std::min(at, kMaxBytes), std::min(at, kMaxBytes));
  auto position = static_cast<std::int32_t>(before.size());
  UChar32 c = 0;
  U8_PREV_OR_FFFD(bytes_of(before), 0, position, c);
  at -= before.size() - static_cast<std::size_t>(position);
  return static_cast<char32_t>(c);
}
#pragma GCC diagnostic pop

char32_t character_after(std::string_view text, std::size_t at) {
  return at < text.size() ? read_forward(text, at) : 0;
}

char32_t character_before(std::string_view text, std::size_t at) {
  return at > 0 ? read_backward(text, at) : 0;
}

TextRange trimmed(std::string_view text, TextRange range) {
  while (range.begin < range.end && is_white_space(character_after(text, range.begin)))
    read_forward(text, range.begin);
  while (range.begin < range.end && is_white_space(character_before(text, range.end)))
    read_backward(text, range.end);
  return range;
}

bool is_white_space(char32_t c) {
  return u_isUWhiteSpace(code_point(c));
}

bool is_line_separator(char32_t c) {
  return c == U'\n' || c == U'\r' || c == U'\u0085' || c == U'\u2028' || c == U'\u2029';
}

bool is_lower_case(char32_t c) {
  return u_isULowercase(code_point(c));
}

bool is_upper_case(char32_t c) {
  return u_isUUppercase(code_point(c));
}

bool is_digit(char32_t c) {
  return u_isdigit(code_point(c));
}

bool is_capital_letter(char32_t c) {
  return u_isalpha(code_point(c)) && !is_lower_case(c);
}

bool is_opening(char32_t c) {
  const auto type = u_charType(code_point(c));
  return c == U'"' || c == U'\'' || type == U_START_PUNCTUATION || type == U_INITIAL_PUNCTUATION;
}

bool is_closing(char32_t c) {
  const auto type = u_charType(code_point(c));
  return c == U'"' || c == U'\'' || type == U_END_PUNCTUATION || type == U_FINAL_PUNCTUATION;
}

bool ends_sentences(char32_t c) {
  return u_hasBinaryProperty(code_point(c), UCHAR_S_TERM);
}

bool ends_clauses(char32_t c) {
  const bool is_dash = c == U'\u2013' || c == U'\u2014' || c == U'\u2015';
  return is_dash || c == U'\u2026' ||
         (c != U'.' && u_hasBinaryProperty(code_point(c), UCHAR_TERMINAL_PUNCTUATION));
}

}  // namespace attn
