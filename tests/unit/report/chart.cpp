#include "report/chart.h"

#include <cmath>
#include <limits>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/error.h"
#include "report/png.h"

using attn::axis_ticks, attn::ChartPoint, attn::Curve, attn::line_chart_svg, attn::LineChart,
    attn::Ticks;

namespace {

std::vector<std::smatch> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return {std::sregex_iterator(text.begin(), text.end(), regex), std::sregex_iterator()};
}

// Returns the first group of the first match.
std::string first_group(const std::string& text, const std::string& pattern) {
  const auto all = matches(text, pattern);
  REQUIRE_MESSAGE(!all.empty(), pattern);
  return all.front()[1];
}

// Returns the pixels of the tick labels of an axis by their values: the middle of a label on the x
// axis, the baseline on the y axis.
std::map<double, double> tick_pixels(const std::string& svg, bool of_x) {
  const std::size_t begin =
      svg.find(of_x ? R"(<g text-anchor="middle">)" : R"(<g text-anchor="end">)");
  REQUIRE(begin != std::string::npos);
  const std::string group = svg.substr(begin, svg.find("</g>", begin) - begin);
  std::map<double, double> out;
  for (const auto& label :
       matches(group, R"rx(<text x="([0-9.]+)" y="([0-9.]+)" font-size="[0-9.]+">([0-9.]+)<)rx"))
    out[std::stod(label[3])] = std::stod(label[of_x ? 1 : 2]);
  return out;
}

std::vector<ChartPoint> numbers_in_pairs(const std::string& text, const std::string& pattern) {
  std::vector<ChartPoint> out;
  for (const auto& pair : matches(text, pattern))
    out.push_back({std::stod(pair[1]), std::stod(pair[2])});
  return out;
}

LineChart lengths() {
  LineChart chart;
  chart.x.label = "words", chart.y = {"BLEU", true};
  chart.curves = {{"attention", {{5, 97.5}, {12, 96}, {61, 90}}},
                  {"fixed", {{5, 93}, {12, 60.25}, {61, 3.5}}}};
  return chart;
}

}  // namespace

TEST_CASE("the ticks of an axis are the densest round numbers that enclose its values") {
  struct Case {
    double low, high, step;
    int first, last;
  };
  for (const Case& c : {Case{0, 100, 20, 0, 5}, Case{0, 65, 10, 0, 7}, Case{0, 38, 5, 0, 8},
                        Case{0.1, 0.3, 0.05, 2, 6}, Case{-3, 4, 1, -3, 4},
                        Case{0, 1e-4, 2e-5, 0, 5}, Case{1234, 1251, 5, 246, 251}}) {
    CAPTURE(c.low);
    CAPTURE(c.high);
    const Ticks ticks = axis_ticks(c.low, c.high);
    CHECK(ticks.step == doctest::Approx(c.step));
    CHECK(ticks.first == c.first);
    CHECK(ticks.last == c.last);
  }
  for (const double value : {0.0, 7.0, -0.02}) {
    const Ticks ticks = axis_ticks(value, value);
    CHECK(static_cast<double>(ticks.first) * ticks.step < value);
    CHECK(static_cast<double>(ticks.last) * ticks.step > value);
  }
}

TEST_CASE("markers and lines of a chart are at the positions given by the ticks") {
  const LineChart chart = lengths();
  const std::string svg = line_chart_svg(chart);
  const auto x = tick_pixels(svg, true), y = tick_pixels(svg, false);
  REQUIRE(x.size() == 8);  // 0, 10, … 70: 5 to 61 in steps of ten
  REQUIRE(y.size() == 6);
  const double right = (x.at(70) - x.at(0)) / 70, up = (y.at(100) - y.at(0)) / 100;
  CHECK(right > 0);
  CHECK(up < 0);
  const double y_zero =
      std::stod(first_group(svg, R"rx(<line x1="[0-9.]+" y1="([0-9.]+)")rx"));  // the x axis
  const auto lines = matches(svg, R"rx(<polyline points="([^"]+)")rx");
  const auto markers = numbers_in_pairs(
      svg,
      R"rx(transform="translate\(([0-9.]+) ([0-9.]+)\) scale\([0-9.]+\)" stroke="none"><title>)rx");
  REQUIRE(lines.size() == 2);
  REQUIRE(markers.size() == 6);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto corners = numbers_in_pairs(lines[c][1], R"rx(([0-9.]+),([0-9.]+))rx");
    REQUIRE(corners.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      const ChartPoint& point = chart.curves[c].points[i];
      CHECK(corners[i].x == doctest::Approx(x.at(0) + right * point.x).epsilon(1e-4));
      CHECK(corners[i].y == doctest::Approx(y_zero + up * point.y).epsilon(1e-4));
      CHECK(markers[3 * c + i].x == corners[i].x);
      CHECK(markers[3 * c + i].y == corners[i].y);
    }
  }
}

TEST_CASE("an axis of a chart includes 0 only on request") {
  LineChart chart = lengths();
  chart.curves.pop_back();
  chart.y.from_zero = false;
  const auto y = tick_pixels(line_chart_svg(chart), false);
  CHECK(y.begin()->first == 90);
  CHECK(y.rbegin()->first == 98);
}

TEST_CASE("curves of a chart differ in color, markers and dashes") {
  LineChart chart;
  for (int i = 0; i < 6; ++i)
    chart.curves.push_back({"curve " + std::to_string(i), {{1, 1.0 * i}}});
  const std::string svg = line_chart_svg(chart);
  std::set<std::string> colors, dashes;
  for (const auto& line :
       matches(svg, R"rx(stroke="([^"]+)" stroke-width="[0-9.]+">\n<polyline)rx"))
    colors.insert(line[1]);
  std::vector<std::string> markers;
  for (const auto& marker : matches(svg, R"rx(<path d="([^"]+)"[^>]*><title>)rx"))
    markers.push_back(marker[1]);
  for (const auto& line : matches(svg, R"rx(<polyline [^>]*stroke-dasharray="([^"]+)")rx"))
    dashes.insert(line[1]);
  CHECK(colors.size() == 6);
  REQUIRE(markers.size() == 6);
  CHECK(std::set<std::string>(markers.begin(), markers.begin() + 4).size() == 4);
  CHECK(dashes.size() == 3);  // the fourth style is solid
}

TEST_CASE("the legend of a chart names every curve in full") {
  LineChart chart = lengths();
  chart.curves[1].name = "anticonstitutionnellement anticonstitutionnellement " +
                         std::string("anticonstitutionnellement");
  for (const double font : {12.0, 20.0}) {
    chart.font_size = font;
    const std::string svg = line_chart_svg(chart);
    const double width = std::stod(first_group(svg, "<svg [^>]*width=\"([0-9.]+)\"")),
                 height = std::stod(first_group(svg, "<svg [^>]*height=\"([0-9.]+)\""));
    CHECK(svg.find("viewBox=\"0 0 " + first_group(svg, "width=\"([0-9.]+)\"") + " ") !=
          std::string::npos);  // so that sizes are in pixels
    const auto name = matches(svg, R"rx(<text x="([0-9.]+)" y="([0-9.]+)">anticon)rx");
    REQUIRE(name.size() == 1);
    // A word is 12.88 ems wide in DejaVu Sans, the widest of the requested fonts.
    CHECK(std::stod(name[0][1]) + 3 * 12.88 * font <= width);
    CHECK(std::stod(name[0][2]) + 0.3 * font <= height);
  }
}

TEST_CASE("a chart is well-formed XML for any names") {
  LineChart chart = lengths();
  chart.curves[0].name = "<a&b>\x01\xff]]>";
  chart.x.label = "a < b & \"c\"";
  const std::string svg = line_chart_svg(chart);
  CHECK(attn::png_of_svg(svg, 1).starts_with("\x89PNG"));
  CHECK(svg.find(">&lt;a&amp;b&gt;\uFFFD\uFFFD]]&gt;</text>") != std::string::npos);
  const std::string open = svg.substr(0, svg.rfind("</svg>"));
  CHECK_THROWS_AS(attn::png_of_svg(open, 1), attn::Bug);  // librsvg does parse it
}

TEST_CASE("a chart has a title, a text description and tooltips") {
  const std::string svg = line_chart_svg(lengths());
  CHECK(first_group(svg, "<title>([^<]*)</title>\n<desc>") == "BLEU by words");
  CHECK(first_group(svg, "<desc>([^<]*)</desc>") ==
        "BLEU by words. attention: 97.5 at 5, 96 at 12, 90 at 61. fixed: 93 at 5, 60.25 at 12, 3.5 "
        "at 61.");
  CHECK(svg.find("<title>fixed: 60.25 at 12</title>") != std::string::npos);
}

TEST_CASE("a chart without points, or with a point that is not finite, is a bug") {
  CHECK_THROWS_AS(line_chart_svg({}), attn::Bug);
  for (const double invalid :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    LineChart chart;
    chart.curves = {{"a", {{0, invalid}}}};
    CHECK_THROWS_AS(line_chart_svg(chart), attn::Bug);
  }
}
