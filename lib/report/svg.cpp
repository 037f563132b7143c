#include "report/svg.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

namespace attn::svg {
namespace {

constexpr const char* kFonts =
    "'Noto Sans', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', 'Noto Sans CJK SC', "
    "'PingFang SC', 'Hiragino Sans', 'Microsoft YaHei', 'Yu Gothic', 'Malgun Gothic', "
    "'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Sans Devanagari', 'Noto Sans Thai', sans-serif";

template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < length;) {
    const std::int32_t begin = i;
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, i, length, c);
    visit(c, std::string_view(text.begin() + begin, text.begin() + i));
  }
}

// Widths of groups of ASCII characters in DejaVu Sans, one of the widest text fonts.
double latin_width(UChar32 c) {
  const auto is_one_of = [c](std::string_view group) {
    return group.find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (is_one_of("ijlIJ',.:;|/\\")) return 0.34;
  if (is_one_of("frt ()[]-!")) return 0.42;
  if (is_one_of("mwMW@%#&+<=>^~")) return 1.0;
  return c >= 'A' && c <= 'Z' ? 0.79 : 0.64;
}

double letter_width(UChar32 c) {
  switch (UErrorCode status = U_ZERO_ERROR; uscript_getScript(c, &status)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
    case USCRIPT_BENGALI:
    case USCRIPT_DEVANAGARI:
    case USCRIPT_KHMER:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
      return u_isupper(c) ? 0.85 : 0.68;
    case USCRIPT_CYRILLIC:
    case USCRIPT_ARMENIAN:
    case USCRIPT_GEORGIAN:
      return u_isupper(c) ? 1.1 : 0.75;
    default:
      return 1.1;
  }
}

double character_width(UChar32 c) {
  constexpr std::uint32_t kNoWidth = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  if ((U_MASK(u_charType(c)) & kNoWidth) != 0) return 0;
  if (c < 0x80) return latin_width(c);
  if (u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION)) return 1.3;
  switch (u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH)) {
    case U_EA_WIDE:
    case U_EA_FULLWIDTH:
      return 1.0;
    case U_EA_HALFWIDTH:
      return 0.5;
    default:
      break;
  }
  if (u_charType(c) == U_COMBINING_SPACING_MARK) return 0.5;
  return u_isalpha(c) ? letter_width(c) : 1.0;
}

}  // namespace

double text_width(std::string_view text) {
  double width = 0;
  for_each_character(text, [&](UChar32 c, std::string_view) { width += character_width(c); });
  return width;
}

bool is_right_to_left(std::string_view text) {
  bool found = false, right_to_left = false;
  for_each_character(text, [&](UChar32 c, std::string_view) {
    const UCharDirection direction = u_charDirection(c);
    const bool right = direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
    if (!found) right_to_left = right;
    found = found || right || direction == U_LEFT_TO_RIGHT;
  });
  return right_to_left;
}

std::string isolated(const std::string& word) {
  return is_right_to_left(word) ? "\u2068" + word + "\u2069" : word;
}

std::string xml(std::string_view text) {
  std::string out;
  for_each_character(text, [&](UChar32 c, std::string_view bytes) {
    const bool space = c == '\t' || c == '\n' || c == '\r';
    if (c == 0xfffd || c == 0xfffe || c == 0xffff || (c < 0x20 && !space))
      out += "\uFFFD";
    else if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += bytes;
  });
  return out;
}

std::string fixed(double value, int decimals) {
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return {buffer.data(), end};
}

std::string number(double value) {
  std::string text = fixed(value, 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string attribute(const std::string& name, double value) {
  return " " + name + "=\"" + number(value) + "\"";
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + value + "\"";
}

std::string rectangle(const Box& box, const std::string& attributes, const std::string& title) {
  return "<rect" + attribute("x", box.x) + attribute("y", box.y) + attribute("width", box.width) +
         attribute("height", box.height) + attributes +
         (title.empty() ? "/>\n" : "><title>" + xml(title) + "</title></rect>\n");
}

std::string text(double x, double y, const std::string& attributes, const std::string& content) {
  return "<text" + attribute("x", x) + attribute("y", y) + attributes + ">" +
         xml(isolated(content)) + "</text>\n";
}

std::string open(const Page& page) {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", page.width) +
         attribute("height", page.height) +
         attribute("viewBox", "0 0 " + number(page.width) + " " + number(page.height)) +
         attribute("role", "img") + attribute("font-family", kFonts) +
         attribute("font-size", page.font_size) + attribute("fill", kInk) + ">\n<title>" +
         xml(page.title) + "</title>\n<desc>" + xml(page.description) + "</desc>\n" +
         rectangle({0, 0, page.width, page.height}, attribute("fill", "#ffffff"));
}

}  // namespace attn::svg
