// What the figures have in common: elements of SVG as text, and how wide a text is in any script.
// Lengths are in pixels; the same input gives the same text on every machine.
#pragma once

#include <string>
#include <string_view>

namespace attn::svg {

// How wide a text is in a sans-serif font, in ems: an estimate without the font, from above.
double text_width(std::string_view text);

// Whether its first character with a direction runs from the right (rules P2 and P3 of UAX #9).
bool is_right_to_left(std::string_view text);

// A word between left-to-right neighbors keeps its own direction (first strong isolate, UAX #9).
std::string isolated(const std::string& word);

// What XML 1.0 (section 2.2) lets stand in a document, with its own characters escaped; the rest
// becomes U+FFFD.
std::string xml(std::string_view text);

std::string fixed(double value, int decimals);

// A coordinate: two decimals, and none that say nothing.
std::string number(double value);

// With a space in front. The value is no user's text: nothing in it is escaped.
std::string attribute(const std::string& name, double value);
std::string attribute(const std::string& name, const std::string& value);

struct Box {
  double x, y, width, height;
};

// `more`: further attributes; `title`: a tooltip, "": none.
std::string rectangle(const Box& box, const std::string& more, const std::string& title = "");
std::string text(double x, double y, const std::string& more, const std::string& content);

inline constexpr const char *kInk = "#222222", *kPale = "#767676", *kGrid = "#dddddd";

// Dark text on a white page, with what it says to those who can't see it; "</svg>" ends it.
struct Page {
  double width, height, font_size;
  std::string title, description;
};
std::string open(const Page& page);

}  // namespace attn::svg
