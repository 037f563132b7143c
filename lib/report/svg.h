// Building blocks of the SVG figures: elements as text, and estimates of text widths in any script.
// Lengths are in pixels. Results are the same on every machine.
#pragma once

#include <string>
#include <string_view>

namespace attn::svg {

// Returns an upper estimate of the width of a text in a sans-serif font, in ems.
double text_width(std::string_view text);

// Returns whether the first character with a strong direction is right-to-left (UAX #9, rules P2
// and P3).
bool is_right_to_left(std::string_view text);

// Returns the word, enclosed in a first-strong isolate (UAX #9) if it is right-to-left, so that it
// keeps its direction between left-to-right neighbors.
std::string isolated(const std::string& word);

// Escapes a text for XML. Characters that XML 1.0 (section 2.2) does not allow become U+FFFD.
std::string xml(std::string_view text);

// Returns the value with this number of decimals.
std::string fixed(double value, int decimals);

// Returns a coordinate with at most two decimals, without trailing zeros.
std::string number(double value);

// Returns an attribute preceded by a space. The value is not escaped, so it must not be user text.
std::string attribute(const std::string& name, double value);
std::string attribute(const std::string& name, const std::string& value);

struct Box {
  double x, y, width, height;
};

// Return an element. `attributes` are appended to its own attributes; `title` is a tooltip, or
// empty for none.
std::string rectangle(const Box& box, const std::string& attributes, const std::string& title = "");
std::string text(double x, double y, const std::string& attributes, const std::string& content);

inline constexpr const char *kInk = "#222222", *kPale = "#767676", *kGrid = "#dddddd";

struct Page {
  double width, height, font_size;
  std::string title, description;  // the description is for screen readers
};

// Returns the beginning of a document with a white background and dark text. The caller ends it
// with "</svg>".
std::string open(const Page& page);

}  // namespace attn::svg
