#include "report/terminal.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "base/strings.h"

namespace attn {
namespace {

// The cells of a column: the shade of the weight twice, and a space.
constexpr std::size_t kColumn = 3;

std::size_t cells_of(UChar32 c) {
  const auto width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  if (u_getCombiningClass(c) != 0 || u_charType(c) == U_NON_SPACING_MARK ||
      u_charType(c) == U_ENCLOSING_MARK || u_charType(c) == U_FORMAT_CHAR)
    return 0;
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

struct Shade {
  const char* text;
  double from;  // the smallest weight it represents
};

constexpr std::array<Shade, 5> kShades = {
    {{"·", 0.05}, {"░", 0.2}, {"▒", 0.4}, {"▓", 0.6}, {"█", 0.8}}};

const char* shade(double weight) {
  const auto above = std::ranges::upper_bound(kShades, weight, {}, &Shade::from);
  return above == kShades.begin() ? " " : std::prev(above)->text;
}

std::size_t widest(const std::vector<std::string>& texts) {
  std::size_t width = 0;
  for (const auto& text : texts) width = std::max(width, cells(text));
  return width;
}

std::string highlighted(const std::string& text, bool color) {
  return color ? "\033[36m" + text + "\033[0m" : text;
}

// Returns the labels of the columns: each source token in a line of its own, above its column.
std::string column_labels(const std::vector<std::string>& source, std::size_t label) {
  std::string out;
  for (std::size_t i = 0; i < source.size(); ++i) {
    out += std::string(label, ' ');
    for (std::size_t k = 0; k < i; ++k) out += "│  ";
    out += source[i] + "\n";
  }
  return out;
}

std::string matrix(const Alignment& a, std::size_t label, bool color) {
  std::string out = column_labels(a.source, label);
  for (std::size_t j = 0; j < a.target.size(); ++j) {
    const auto& row = a.weights[j];
    const auto largest = std::ranges::max_element(row);
    out += pad_right(a.target[j], label, cells(a.target[j]));
    for (auto weight = row.begin(); weight != row.end(); ++weight) {
      const std::string twice = std::string(shade(*weight)) + shade(*weight);
      out += highlighted(twice, color && weight == largest) + " ";
    }
    while (out.back() == ' ') out.pop_back();
    out += "\n";
  }
  return out;
}

// Returns lines such as "maison  house 0.93  the 0.05".
std::string list(const Alignment& a, std::size_t label, bool color) {
  constexpr std::size_t kMaxTokens = 3;
  std::string out;
  for (std::size_t j = 0; j < a.target.size(); ++j) {
    const auto& row = a.weights[j];
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](auto x, auto y) { return row[x] > row[y]; });
    out += pad_right(a.target[j], label, cells(a.target[j]));
    for (std::size_t k = 0; k < std::min(kMaxTokens, order.size()) && row[order[k]] >= 0.05; ++k) {
      out += ' ';
      out += highlighted(a.source[order[k]], color && k == 0) + format(" %.2f ", row[order[k]]);
    }
    while (out.back() == ' ') out.pop_back();
    out += "\n";
  }
  return out;
}

}  // namespace

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // in a macro of ICU
std::size_t cells(std::string_view text) {
  std::size_t sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, text.size(), c);
    sum += c < 0 ? 1 : cells_of(c);
  }
  return sum;
}
#pragma GCC diagnostic pop

std::string shade_key() {
  std::string out;
  for (const Shade& shade : kShades) {
    out += (out.empty() ? "" : ", ") + format("%s %g", shade.text, shade.from);
  }
  return out;
}

std::string terminal_heatmap(const Alignment& alignment, std::size_t width, bool color) {
  check(alignment);
  const std::size_t label = widest(alignment.target) + 1;
  std::size_t needed = label + kColumn * alignment.source.size();
  for (std::size_t i = 0; i < alignment.source.size(); ++i)
    needed = std::max(needed, label + kColumn * i + cells(alignment.source[i]));
  return needed <= width ? matrix(alignment, label, color) : list(alignment, label, color);
}

}  // namespace attn
