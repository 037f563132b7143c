// Line charts in SVG, for figures in papers. Curves differ in color (Okabe and Ito 2008, "Color
// universal design": distinguishable with every kind of color vision), and also in dashes and
// markers, so that they can be distinguished in grayscale.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace attn {

struct ChartPoint {
  double x, y;
};

struct Curve {
  std::string name;
  std::vector<ChartPoint> points;  // connected in this order
};

struct ChartAxis {
  std::string label;       // should be short: it is not broken into lines
  bool from_zero = false;  // always include 0, even if no point is near it
};

struct LineChart {
  ChartAxis x, y;
  std::vector<Curve> curves;  // each with at least one point
  // Font size of the labels in pixels; all other sizes are proportional to it.
  double font_size = 12;
};

// Returns the chart as SVG: axes, curves with a tooltip at each point, a legend below, and a text
// description for screen readers. The result is the same on every machine. Throws Bug if there is
// no point, or if one is not finite.
std::string line_chart_svg(const LineChart& chart);

// The ticks of an axis: first · step … last · step.
struct Ticks {
  double step;  // 1, 2 or 5 times a power of ten
  std::int64_t first, last;
};

// Returns the densest ticks that enclose [low, high] in at most eight steps (after Heckbert 1990,
// "Nice numbers for graph labels"). If both are equal, the ticks enclose a range around that value.
Ticks axis_ticks(double low, double high);

}  // namespace attn
