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

// The first match's group.
std::string found(const std::string& text, const std::string& pattern) {
  const auto all = matches(text, pattern);
  REQUIRE_MESSAGE(!all.empty(), pattern);
  return all.front()[1];
}

// Where the labels of an axis stand, those of x on their middle, those of y on their foot.
std::map<double, double> tick_places(const std::string& svg, bool of_x) {
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

TEST_CASE("the marks of an axis are the closest round numbers that hold it") {
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

TEST_CASE("points lie where the marks of the axes say, in marks and in lines") {
  const LineChart chart = lengths();
  const std::string svg = line_chart_svg(chart);
  const auto x = tick_places(svg, true), y = tick_places(svg, false);
  REQUIRE(x.size() == 8);  // 0, 10, … 70: 5 to 61 in steps of ten
  REQUIRE(y.size() == 6);
  const double right = (x.at(70) - x.at(0)) / 70, up = (y.at(100) - y.at(0)) / 100;
  CHECK(right > 0);
  CHECK(up < 0);
  const double y_zero =
      std::stod(found(svg, R"rx(<line x1="[0-9.]+" y1="([0-9.]+)")rx"));  // of x's
  const auto lines = matches(svg, R"rx(<polyline points="([^"]+)")rx");
  const auto marks = numbers_in_pairs(
      svg,
      R"rx(transform="translate\(([0-9.]+) ([0-9.]+)\) scale\([0-9.]+\)" stroke="none"><title>)rx");
  REQUIRE(lines.size() == 2);
  REQUIRE(marks.size() == 6);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto corners = numbers_in_pairs(lines[c][1], R"rx(([0-9.]+),([0-9.]+))rx");
    REQUIRE(corners.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      const ChartPoint& point = chart.curves[c].points[i];
      CHECK(corners[i].x == doctest::Approx(x.at(0) + right * point.x).epsilon(1e-4));
      CHECK(corners[i].y == doctest::Approx(y_zero + up * point.y).epsilon(1e-4));
      CHECK(marks[3 * c + i].x == corners[i].x);
      CHECK(marks[3 * c + i].y == corners[i].y);
    }
  }
}

TEST_CASE("an axis shows 0 only if asked") {
  LineChart chart = lengths();
  chart.curves.pop_back();
  chart.y.from_zero = false;
  const auto y = tick_places(line_chart_svg(chart), false);
  CHECK(y.begin()->first == 90);
  CHECK(y.rbegin()->first == 98);
}

TEST_CASE("curves are told apart by color, by marks and by dashes") {
  LineChart chart;
  for (int i = 0; i < 6; ++i)
    chart.curves.push_back({"curve " + std::to_string(i), {{1, 1.0 * i}}});
  const std::string svg = line_chart_svg(chart);
  std::set<std::string> colors, dashes;
  for (const auto& line :
       matches(svg, R"rx(stroke="([^"]+)" stroke-width="[0-9.]+">\n<polyline)rx"))
    colors.insert(line[1]);
  std::vector<std::string> marks;
  for (const auto& mark : matches(svg, R"rx(<path d="([^"]+)"[^>]*><title>)rx"))
    marks.push_back(mark[1]);
  for (const auto& line : matches(svg, R"rx(<polyline [^>]*stroke-dasharray="([^"]+)")rx"))
    dashes.insert(line[1]);
  CHECK(colors.size() == 6);
  REQUIRE(marks.size() == 6);
  CHECK(std::set<std::string>(marks.begin(), marks.begin() + 4).size() == 4);
  CHECK(dashes.size() == 3);  // and solid
}

TEST_CASE("the key names every curve, and cuts no name") {
  LineChart chart = lengths();
  chart.curves[1].name = "anticonstitutionnellement anticonstitutionnellement " +
                         std::string("anticonstitutionnellement");
  for (const double font : {12.0, 20.0}) {
    chart.font_size = font;
    const std::string svg = line_chart_svg(chart);
    const double width = std::stod(found(svg, "<svg [^>]*width=\"([0-9.]+)\"")),
                 height = std::stod(found(svg, "<svg [^>]*height=\"([0-9.]+)\""));
    CHECK(svg.find("viewBox=\"0 0 " + found(svg, "width=\"([0-9.]+)\"") + " ") !=
          std::string::npos);  // so that a size in pixels is what it says
    const auto name = matches(svg, R"rx(<text x="([0-9.]+)" y="([0-9.]+)">anticon)rx");
    REQUIRE(name.size() == 1);
    // 12.88 ems a word in DejaVu Sans, the widest of the fonts that are asked for.
    CHECK(std::stod(name[0][1]) + 3 * 12.88 * font <= width);
    CHECK(std::stod(name[0][2]) + 0.3 * font <= height);
  }
}

TEST_CASE("a reader of XML takes the chart, whatever the names are") {
  LineChart chart = lengths();
  chart.curves[0].name = "<a&b>\x01\xff]]>";
  chart.x.label = "a < b & \"c\"";
  const std::string svg = line_chart_svg(chart);
  CHECK(attn::png_of_svg(svg, 1).starts_with("\x89PNG"));
  CHECK(svg.find(">&lt;a&amp;b&gt;\uFFFD\uFFFD]]&gt;</text>") != std::string::npos);
  const std::string open = svg.substr(0, svg.rfind("</svg>"));
  CHECK_THROWS_AS(attn::png_of_svg(open, 1), attn::Bug);  // it does read it
}

TEST_CASE("the chart says what it shows, also in words") {
  const std::string svg = line_chart_svg(lengths());
  CHECK(found(svg, "<title>([^<]*)</title>\n<desc>") == "BLEU by words");
  CHECK(found(svg, "<desc>([^<]*)</desc>") ==
        "BLEU by words. attention: 97.5 at 5, 96 at 12, 90 at 61. fixed: 93 at 5, 60.25 at 12, 3.5 "
        "at 61.");
  CHECK(svg.find("<title>fixed: 60.25 at 12</title>") != std::string::npos);
}

TEST_CASE("a chart without a point, or with one that is nowhere, is our bug") {
  CHECK_THROWS_AS(line_chart_svg({}), attn::Bug);
  for (const double nowhere :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    LineChart chart;
    chart.curves = {{"a", {{0, nowhere}}}};
    CHECK_THROWS_AS(line_chart_svg(chart), attn::Bug);
  }
}
