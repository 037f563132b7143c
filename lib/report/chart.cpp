#include "report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/error.h"
#include "base/strings.h"
#include "report/svg.h"

namespace attn {
namespace {

using namespace svg;

constexpr std::int64_t kMaxSteps = 8;
// Sizes relative to the font size.
constexpr double kTickSize = 0.85, kMarkerSize = 0.32, kLineWidth = 0.15;
constexpr double kWidth = 30, kHeight = 20;            // size of the plot area
constexpr double kLegendRow = 1.6, kLegendLine = 3.2;  // row height, line length

constexpr std::array kColors = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
// Marker shapes centered on 0, about as large as a circle of radius 1.
constexpr std::array kMarkers = {
    "M -1 0 A 1 1 0 0 1 1 0 A 1 1 0 0 1 -1 0 Z", "M -0.9 -0.9 H 0.9 V 0.9 H -0.9 Z",
    "M 0 -1.2 L 1.15 0.8 H -1.15 Z", "M 0 -1.35 L 1.35 0 L 0 1.35 L -1.35 0 Z",
    "M 0 1.2 L 1.15 -0.8 H -1.15 Z"};
// Dash patterns: lengths of dash, gap, dash, gap in line widths. The first one is solid.
constexpr std::array<std::array<double, 4>, 4> kDashes = {
    {{}, {5, 2.5, 5, 2.5}, {1.5, 2, 1.5, 2}, {6, 2, 1.5, 2}}};

// Returns the number with five significant digits.
std::string short_number(double value) {
  return format("%.5g", value);
}

std::string point_text(const ChartPoint& point) {
  return short_number(point.y) + " at " + short_number(point.x);
}

// ---- axes ----

// Returns the ticks that enclose [low, high].
Ticks ticks_around(double low, double high, double step) {
  constexpr double kTolerance = 1e-9;  // 0.3 / 0.1 < 3 in floating point
  return {step, static_cast<std::int64_t>(std::floor(low / step + kTolerance)),
          static_cast<std::int64_t>(std::ceil(high / step - kTolerance))};
}

// An axis: maps values to pixels.
class Axis {
 public:
  Axis() = default;
  Axis(const Ticks& ticks, double from, double to) : ticks_(ticks), from_(from), to_(to) {}

  double pixel(double value) const {
    const double low = value_of(ticks_.first), high = value_of(ticks_.last);
    return from_ + (to_ - from_) * (value - low) / (high - low);
  }
  double value_of(std::int64_t tick) const { return static_cast<double>(tick) * ticks_.step; }
  std::int64_t first() const { return ticks_.first; }
  std::int64_t last() const { return ticks_.last; }
  double from() const { return from_; }
  double to() const { return to_; }

  // Returns the label of a tick, with as many decimals as the step has.
  std::string label(std::int64_t tick) const {
    const int decimals = static_cast<int>(-std::floor(std::log10(ticks_.step) + 1e-9));
    return fixed(value_of(tick), std::max(decimals, 0));
  }

  double widest_label() const {
    double widest = 0;
    for (std::int64_t tick = first(); tick <= last(); ++tick)
      widest = std::max(widest, text_width(label(tick)));
    return widest;
  }

 private:
  Ticks ticks_ = {1, 0, 1};
  double from_ = 0, to_ = 1;  // pixels
};

Ticks ticks_of(const LineChart& chart, const ChartAxis& axis, double ChartPoint::*side) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Curve& curve : chart.curves)
    for (const ChartPoint& point : curve.points) {
      ATTN_CHECK(std::isfinite(point.*side));
      low = std::min(low, point.*side), high = std::max(high, point.*side);
    }
  ATTN_CHECK(low <= high);
  if (axis.from_zero) low = std::min(low, 0.0), high = std::max(high, 0.0);
  return axis_ticks(low, high);
}

// ---- the figure ----

std::string line(double x1, double y1, double x2, double y2, const std::string& attributes = "") {
  return "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) +
         attribute("y2", y2) + attributes + "/>\n";
}

// Computes the sizes when it is constructed, then draws. Lengths are in pixels.
class Figure {
 public:
  explicit Figure(const LineChart& chart);

  std::string svg() const {
    return open() + x_axis() + y_axis() + curves() + legend() + "</svg>\n";
  }

 private:
  std::string name() const { return chart_.y.label + " by " + chart_.x.label; }
  double legend_y(std::size_t i) const {
    return y_.from() + font_ * (4.3 + kLegendRow * static_cast<double>(i));
  }

  std::string open() const;
  std::string description() const;
  std::string x_axis() const;
  std::string y_axis() const;
  std::string curves() const;
  std::string legend() const;
  std::string style_of(std::size_t i) const;
  std::string dashes(std::size_t i) const;
  std::string marker(std::size_t i, double x, double y, const std::string& title) const;

  const LineChart& chart_;
  double font_, margin_;
  Axis x_, y_;
  double width_, height_;
};

Figure::Figure(const LineChart& chart)
    : chart_(chart), font_(chart.font_size), margin_(std::ceil(font_)) {
  const Ticks x = ticks_of(chart, chart.x, &ChartPoint::x);
  const Ticks y = ticks_of(chart, chart.y, &ChartPoint::y);
  const double labels = kTickSize * font_ * Axis(y, 0, 1).widest_label();
  const double left = std::ceil(margin_ + 2 * font_ + labels + 0.6 * font_);
  const double bottom = margin_ + kHeight * font_;
  x_ = Axis(x, left, left + kWidth * font_);
  y_ = Axis(y, bottom, margin_);

  double right = x_.to() + kTickSize * font_ * x_.widest_label() / 2;
  for (const Curve& curve : chart.curves)
    right = std::max(right, x_.from() + font_ * (kLegendLine + 0.6 + text_width(curve.name)));
  width_ = std::ceil(right + margin_);
  height_ = std::ceil(legend_y(chart.curves.size() - 1) + 0.6 * font_ + margin_);
}

std::string Figure::open() const {
  return svg::open({width_, height_, font_, name(), description()});
}

std::string Figure::description() const {
  std::string out = name() + ".";
  for (const Curve& curve : chart_.curves) {
    out.append(" ").append(curve.name).append(":");
    for (const ChartPoint& point : curve.points)
      out.append(" ").append(point_text(point)).append(",");
    out.back() = '.';
  }
  return out;
}

std::string Figure::x_axis() const {
  const double size = kTickSize * font_;
  std::string lines =
      "<g" + attribute("stroke", kInk) + ">\n" + line(x_.from(), y_.from(), x_.to(), y_.from());
  std::string labels = "<g" + attribute("text-anchor", "middle") + ">\n";
  for (std::int64_t tick = x_.first(); tick <= x_.last(); ++tick) {
    const double x = x_.pixel(x_.value_of(tick));
    lines += line(x, y_.from(), x, y_.from() + 0.4 * font_);
    labels += text(x, y_.from() + 1.4 * font_, attribute("font-size", size), x_.label(tick));
  }
  labels += text((x_.from() + x_.to()) / 2, y_.from() + 2.8 * font_, "", chart_.x.label);
  return lines + "</g>\n" + labels + "</g>\n";
}

std::string Figure::y_axis() const {
  const double size = kTickSize * font_;
  std::string lines = "<g" + attribute("stroke", kGrid) + ">\n";
  std::string labels = "<g" + attribute("text-anchor", "end") + ">\n";
  for (std::int64_t tick = y_.first(); tick <= y_.last(); ++tick) {
    const double y = y_.pixel(y_.value_of(tick));
    if (tick > y_.first()) lines += line(x_.from(), y, x_.to(), y);
    labels += text(x_.from() - 0.6 * font_, y + 0.35 * size, attribute("font-size", size),
                   y_.label(tick));
  }
  lines += line(x_.from(), y_.from(), x_.from(), y_.to(), attribute("stroke", kInk));
  const std::string rotated = "translate(" + number(margin_ + font_) + " " +
                              number((y_.from() + y_.to()) / 2) + ") rotate(-90)";
  return lines + "</g>\n" + labels + "</g>\n" +
         text(0, 0, attribute("text-anchor", "middle") + attribute("transform", rotated),
              chart_.y.label);
}

std::string Figure::curves() const {
  std::string out;
  for (std::size_t i = 0; i < chart_.curves.size(); ++i) {
    const Curve& curve = chart_.curves[i];
    std::string positions, markers;
    for (const ChartPoint& point : curve.points) {
      const double x = x_.pixel(point.x), y = y_.pixel(point.y);
      positions.append(positions.empty() ? "" : " ")
          .append(number(x))
          .append(",")
          .append(number(y));
      markers += marker(i, x, y, curve.name + ": " + point_text(point));
    }
    out += "<g" + style_of(i) + ">\n<polyline" + attribute("points", positions) +
           attribute("fill", "none") + dashes(i) + "/>\n" + markers + "</g>\n";
  }
  return out;
}

std::string Figure::legend() const {
  std::string out;
  for (std::size_t i = 0; i < chart_.curves.size(); ++i) {
    const double x = x_.from(), y = legend_y(i);
    out += "<g" + style_of(i) + ">\n" + line(x, y, x + kLegendLine * font_, y, dashes(i)) +
           marker(i, x + kLegendLine * font_ / 2, y, "") + "</g>\n" +
           text(x + (kLegendLine + 0.6) * font_, y + 0.35 * font_, "", chart_.curves[i].name);
  }
  return out;
}

std::string Figure::style_of(std::size_t i) const {
  const std::string color = kColors[i % kColors.size()];
  return attribute("fill", color) + attribute("stroke", color) +
         attribute("stroke-width", kLineWidth * font_);
}

std::string Figure::dashes(std::size_t i) const {
  if (i % kDashes.size() == 0) return "";
  std::string lengths;
  for (const double length : kDashes[i % kDashes.size()])
    lengths.append(lengths.empty() ? "" : " ").append(number(length * kLineWidth * font_));
  return attribute("stroke-dasharray", lengths);
}

std::string Figure::marker(std::size_t i, double x, double y, const std::string& title) const {
  const std::string at =
      "translate(" + number(x) + " " + number(y) + ") scale(" + number(kMarkerSize * font_) + ")";
  return "<path" + attribute("d", kMarkers[i % kMarkers.size()]) + attribute("transform", at) +
         attribute("stroke", "none") +
         (title.empty() ? "/>\n" : "><title>" + xml(title) + "</title></path>\n");
}

}  // namespace

Ticks axis_ticks(double low, double high) {
  if (low == high) low -= std::abs(low) / 2 + 0.5, high += std::abs(high) / 2 + 0.5;
  const double power = std::pow(10, std::floor(std::log10((high - low) / kMaxSteps)));
  Ticks ticks = {};
  for (const double leading : {1.0, 2.0, 5.0, 10.0, 20.0}) {
    ticks = ticks_around(low, high, leading * power);
    if (ticks.last - ticks.first <= kMaxSteps) break;
  }
  return ticks;
}

std::string line_chart_svg(const LineChart& chart) {
  return Figure(chart).svg();
}

}  // namespace attn
