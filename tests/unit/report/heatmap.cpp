#include "report/heatmap.h"

#include <array>
#include <cmath>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "alignment/word_alignment.h"
#include "base/error.h"
#include "report/svg.h"

using attn::Alignment, attn::heatmap_svg, attn::HeatmapOptions;

namespace {

std::array<double, 3> linear_rgb(const std::string& color) {
  std::array<double, 3> rgb{};
  for (std::size_t k = 0; k < 3; ++k) {
    const double c = std::stoi(color.substr(1 + 2 * k, 2), nullptr, 16) / 255.0;
    rgb[k] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return rgb;
}

using Matrix = std::array<std::array<double, 3>, 3>;
std::array<double, 3> times(const Matrix& m, const std::array<double, 3>& x) {
  std::array<double, 3> y{};
  for (std::size_t r = 0; r < 3; ++r) y[r] = m[r][0] * x[0] + m[r][1] * x[1] + m[r][2] * x[2];
  return y;
}

// Converts in the opposite direction to the program, and through CIE XYZ (IEC 61966-2-1; Ottosson
// 2020).
std::array<double, 3> oklab(const std::string& color) {
  constexpr Matrix kXyz = {{{0.4124564, 0.3575761, 0.1804375},
                            {0.2126729, 0.7151522, 0.0721750},
                            {0.0193339, 0.1191920, 0.9503041}}};
  constexpr Matrix kLms = {{{0.8189330101, 0.3618667424, -0.1288597137},
                            {0.0329845436, 0.9293118715, 0.0361456387},
                            {0.0482003018, 0.2643662691, 0.6338517070}}};
  constexpr Matrix kLab = {{{0.2104542553, 0.7936177850, -0.0040720468},
                            {1.9779984951, -2.4285922050, 0.4505937099},
                            {0.0259040371, 0.7827717662, -0.8086757660}}};
  auto lms = times(kLms, times(kXyz, linear_rgb(color)));
  for (double& x : lms) x = std::cbrt(x);
  return times(kLab, lms);
}

std::vector<std::smatch> heatmap_matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return {std::sregex_iterator(text.begin(), text.end(), regex), std::sregex_iterator()};
}

std::size_t count_in(const std::string& text, const std::string& pattern) {
  std::size_t n = 0;
  for (std::size_t at = text.find(pattern); at != std::string::npos;
       at = text.find(pattern, at + 1))
    ++n;
  return n;
}

// The position of a label: the beginning of a column label (rotated by 45°), the end of a row
// label.
struct LabelPosition {
  double x = -1, y = -1;
};
LabelPosition column_label(const std::string& svg, const std::string& word) {
  const auto found = heatmap_matches(
      svg, R"rx(translate\(([0-9.]+) ([0-9.]+)\) rotate\(-45\)">)rx" + word + "</text>");
  REQUIRE(found.size() == 1);
  return {std::stod(found[0][1]), std::stod(found[0][2])};
}
LabelPosition row_label(const std::string& svg, const std::string& word) {
  const auto found =
      heatmap_matches(svg, R"rx(<text x="([0-9.]+)" y="([0-9.]+)">)rx" + word + "</text>");
  REQUIRE(found.size() == 1);
  return {std::stod(found[0][1]), std::stod(found[0][2])};
}

double size_of(const std::string& svg, const std::string& side) {
  const auto found = heatmap_matches(svg, "<svg [^>]* " + side + R"rx(="([0-9.]+)")rx");
  REQUIRE(found.size() == 1);
  return std::stod(found[0][1]);
}

const Alignment kHouse = {{"the", "black", "house", "</s>"},
                          {"la", "maison", "noire", "</s>"},
                          {{0.75, 0.0, 0.25, 0.0},
                           {0.0, 0.17, 0.83, 0.0},
                           {0.0, 1.0, 0.0, 0.0},
                           {0.0, 0.0, 0.004, 0.996}}};

// Returns a matrix of n × n different words.
Alignment square(std::size_t n) {
  Alignment alignment;
  for (std::size_t i = 0; i < n; ++i) {
    alignment.source.push_back("Wmsource" + std::to_string(i));
    alignment.target.push_back("Wmtarget" + std::to_string(i));
  }
  alignment.weights.assign(n, std::vector<double>(n, 1.0 / static_cast<double>(n)));
  alignment.source_end = alignment.target_end = false;
  return alignment;
}

}  // namespace

TEST_CASE("the color scale of heatmaps goes from white to dark in perceptually uniform steps") {
  CHECK(attn::heat_color(0) == "#ffffff");
  CHECK(oklab(attn::heat_color(1))[0] < 0.35);
  constexpr int kSteps = 20;
  std::vector<double> steps;
  for (int k = 0; k < kSteps; ++k) {
    const auto p = oklab(attn::heat_color(static_cast<double>(k) / kSteps));
    const auto q = oklab(attn::heat_color((k + 1.0) / kSteps));
    CHECK(q[0] < p[0] - 0.02);  // lightness alone distinguishes weights, as in grayscale
    steps.push_back(std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  double mean = 0;
  for (const double step : steps) mean += step / kSteps;
  for (const double step : steps) CHECK(step == doctest::Approx(mean).epsilon(0.1));  // 8 bits
}

TEST_CASE("weights outside 0 to 1, infinity and NaN have a color") {
  CHECK(attn::heat_color(-1e-9) == attn::heat_color(0));
  CHECK(attn::heat_color(1 + 1e-9) == attn::heat_color(1));
  CHECK(attn::heat_color(std::numeric_limits<double>::quiet_NaN()) == "#ffffff");
  CHECK(attn::heat_color(std::numeric_limits<double>::infinity()) == attn::heat_color(1));
}

TEST_CASE("estimated text widths are upper bounds in any script") {
  // Widths in ems as measured by Chromium 156: the larger of those in DejaVu Sans and in Noto Sans
  // with its fonts for other scripts.
  struct Measured {
    std::string text;
    double ems;
  };
  const std::vector<Measured> kMeasured = {{"anticonstitutionnellement", 12.88},
                                           {"WWW.MAMMA", 7.13},
                                           {"illicit", 2.33},
                                           {"Žluťoučký", 4.92},
                                           {"https://example.org/a?b=1", 13.44},
                                           {"1,234,567.89", 6.68},
                                           {"—", 1.00},
                                           {"don’t", 2.59},
                                           {"▁the", 2.54},
                                           {"καλημέρα", 4.94},
                                           {"достопримечательность", 12.97},
                                           {"ЖЮЩ", 3.25},
                                           {"الترجمة", 3.17},
                                           {"والمستشفيات", 5.78},
                                           {"ירושלים", 3.22},
                                           {"नमस्ते", 2.11},
                                           {"अंतर्राष्ट्रीय", 3.42},
                                           {"বাংলাদেশ", 3.92},
                                           {"தமிழ்நாடு", 5.23},
                                           {"வணக்கம்", 5.15},
                                           {"മലയാളം", 4.30},
                                           {"ประเทศไทย", 4.47},
                                           {"ភាសាខ្មែរ", 3.35},
                                           {"မြန်မာဘာသာ", 5.77},
                                           {"საქართველო", 6.52},
                                           {"Հայաստան", 6.15},
                                           {"ኢትዮጵያ", 2.94},
                                           {"机器翻译", 4.00},
                                           {"東京タワー", 5.00},
                                           {"ｶﾀｶﾅ", 2.00},
                                           {"대한민국", 3.68},
                                           {"😀", 1.04}};
  for (const Measured& real : kMeasured) {
    CAPTURE(real.text);
    CHECK(attn::svg::text_width(real.text) >= 0.99 * real.ems);
    CHECK(attn::svg::text_width(real.text) <= 1.8 * real.ems + 0.5);
  }
  CHECK(attn::svg::text_width("e\u0301") == attn::svg::text_width("e"));
  CHECK(attn::svg::text_width("") == 0);
}

TEST_CASE("every cell of a heatmap has its position, color and tooltip") {
  const std::string svg = heatmap_svg(kHouse);
  const auto cells = heatmap_matches(
      svg, R"rx(<rect x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)" )rx"
           R"rx(fill="(#[0-9a-f]{6})"><title>([^<]* → [^<]*)</title></rect>)rx");
  CHECK(cells.size() == 16);
  for (const auto& cell : cells) {
    if (cell[6] != "house → maison 0.83") continue;
    CHECK(cell[5] == attn::heat_color(0.83));
    const double x = std::stod(cell[1]), y = std::stod(cell[2]);
    const LabelPosition house = column_label(svg, "house"), maison = row_label(svg, "maison");
    CHECK(x < house.x);
    CHECK(house.x < x + std::stod(cell[3]));
    CHECK(house.y < y);
    CHECK(y < maison.y);
    CHECK(maison.y < y + std::stod(cell[4]));
    CHECK(maison.x < x);
  }
  CHECK(count_in(svg, "<title>house → maison 0.83</title>") == 1);
  CHECK(count_in(svg, "<title>end of sentence → end of sentence 1.00</title>") == 1);
  CHECK(row_label(svg, "la").y < row_label(svg, "maison").y);
  CHECK(column_label(svg, "the").x < column_label(svg, "black").x);
}

TEST_CASE("a heatmap shows the end of sentence as a mark, but a word \"</s>\" as a word") {
  CHECK(count_in(heatmap_svg(kHouse), "&lt;/s&gt;") == 0);
  CHECK(count_in(heatmap_svg(kHouse), ">end of sentence</text>") == 1);
  const std::string svg = heatmap_svg({{"</s>"}, {"a"}, {{1.0}}, false, false});
  CHECK(count_in(svg, ">&lt;/s&gt;</text>") == 1);
  CHECK(count_in(svg, "end of sentence") == 0);
}

TEST_CASE("a heatmap has room for its labels") {
  // Real widths in ems in DejaVu Sans, the widest of the requested fonts.
  const std::string address = "https://example.org/a\\?b=1", word = "anticonstitutionnellement";
  Alignment alignment = {{"a", "https://example.org/a?b=1"}, {word, "b"}, {{1, 0}, {0, 1}}};
  alignment.source_end = alignment.target_end = false;
  for (const double font : {12.0, 30.0}) {
    const std::string svg = heatmap_svg(alignment, {"", font});
    const LabelPosition source = column_label(svg, address), target = row_label(svg, word);
    const double slope = std::sqrt(0.5), height = 0.6 * font;  // half of the line height
    CHECK(target.x - 12.88 * font >= 0);
    CHECK(source.y - slope * (13.44 * font + height) >= 0);
    CHECK(source.x + slope * (13.44 * font + height) <= size_of(svg, "width"));
  }
}

TEST_CASE("labels of a heatmap do not overlap") {
  const std::string svg = heatmap_svg(square(40));
  const double between = column_label(svg, "Wmsource8").x - column_label(svg, "Wmsource7").x;
  CHECK(between * std::sqrt(0.5) >= 1.3 * 12);  // line distance perpendicular to the slanted labels
  CHECK(row_label(svg, "Wmtarget8").y - row_label(svg, "Wmtarget7").y >= 1.3 * 12);
  CHECK(column_label(svg, "Wmsource39").x < size_of(svg, "width"));
  CHECK(row_label(svg, "Wmtarget39").y < size_of(svg, "height"));
}

TEST_CASE("a heatmap is well-formed XML for any words") {
  const std::string svg = heatmap_svg(
      {{"<a&b>", "\x01", "\xff"}, {"]]>"}, {{0.5, 0.25, 0.25}}, false, false}, {"1 < 2"});
  CHECK(count_in(svg, ">&lt;a&amp;b&gt;</text>") == 1);
  CHECK(count_in(svg, ">\uFFFD</text>") == 2);
  CHECK(count_in(svg, ">1 &lt; 2</text>") == 1);
  CHECK(count_in(svg, "]]>") == 0);
  for (const std::string element : {"svg", "g", "text", "title", "desc"}) {
    CAPTURE(element);
    const std::size_t opened = heatmap_matches(svg, "<" + element + "[ >]").size();
    CHECK(opened > 0);
    CHECK(opened == count_in(svg, "</" + element + ">"));
  }
}

TEST_CASE("a right-to-left word keeps its direction in a heatmap") {
  const std::string svg = heatmap_svg({{"שלום,"}, {"peace,"}, {{1.0}}, false, false});
  CHECK(count_in(svg, ">\u2068שלום,\u2069</text>") == 1);
  CHECK(count_in(svg, ">peace,</text>") == 1);
}

TEST_CASE("a heatmap has a title and a text description") {
  const std::string svg = heatmap_svg(kHouse, {"the black house"});
  CHECK(count_in(svg, "role=\"img\"") == 1);
  CHECK(count_in(svg, "<title>the black house</title>") == 1);
  const auto description = heatmap_matches(svg, "<desc>[^<]*</desc>");
  REQUIRE(description.size() == 1);
  CHECK(count_in(description[0].str(), "the → la 0.75; house → maison 0.83; black → noire 1.00.") ==
        1);
  CHECK(count_in(heatmap_svg(kHouse), "<title>Attention weights</title>") == 1);
}

TEST_CASE("a long heatmap title is broken where its script allows it, and keeps all words") {
  const std::string latin = "one two three four five six seven eight nine ten eleven twelve";
  const std::string chinese =
      "注意力机制使神经机器翻译能够处理更长的句子而不会忘记开头说了什么内容";
  for (const std::string& title : {latin, chinese}) {
    const std::string svg = heatmap_svg({{"a"}, {"b"}, {{1.0}}, false, false}, {title});
    const auto group = heatmap_matches(
        svg, R"rx(<g font-size="13.8"[^>]*>\n((<text[^>]*>[^<]*</text>\n)+)</g>)rx");
    REQUIRE(group.size() == 1);
    const std::string text = group[0][1];
    std::string joined;
    const auto lines = heatmap_matches(text, ">([^<]+)</text>");
    CHECK(lines.size() == 2);
    for (const auto& line : lines) {
      if (!joined.empty() && title == latin) joined += ' ';
      joined += line[1];
      CHECK(13.8 * attn::svg::text_width(line[1].str()) <= size_of(svg, "width") - 24);
    }
    CHECK(joined == title);
  }
}

TEST_CASE("coordinates of a heatmap have at most two decimals") {
  HeatmapOptions options;
  options.font_size = 11.0 / 3;
  const std::string svg = heatmap_svg(kHouse, options);
  CHECK(heatmap_matches(svg, R"rx([0-9]\.[0-9]{3})rx").empty());
  CHECK(heatmap_matches(svg, R"rx(="-?[0-9]+\.[0-9]?0")rx").empty());
}

TEST_CASE("an empty sentence has a heatmap") {
  for (const Alignment& empty :
       {Alignment{{"</s>"}, {"</s>"}, {{1.0}}}, Alignment{{}, {}, {}, false, false}}) {
    const std::string svg = heatmap_svg(empty);
    CHECK(count_in(svg, "</svg>") == 1);
    CHECK(count_in(svg, "nan") == 0);
    CHECK(size_of(svg, "width") > 0);
  }
  CHECK_THROWS_AS(heatmap_svg({{"a"}, {"b"}, {}}), attn::Bug);
}
