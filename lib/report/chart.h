// Curves as a figure for a paper: SVG. Each has its own color (Okabe and Ito 2008, "Color universal
// design": told apart by every kind of color vision), dashes and marks, so that it is known in gray
// too.
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
  std::vector<ChartPoint> points;  // joined in this order
};

struct ChartAxis {
  std::string label;       // short: is not broken into lines
  bool from_zero = false;  // shows 0 wherever the points lie
};

struct LineChart {
  ChartAxis x, y;
  std::vector<Curve> curves;  // with a point at least
  double font_size = 12;      // of the labels, in pixels; all other sizes follow from it
};

// Ticks, a frame, the curves with a tooltip at each point, a key under them, and a description for
// those who can't see it. The same input gives the same text on every machine. Bug: no point, or
// one that is not finite.
std::string line_chart_svg(const LineChart& chart);

// The marks of an axis: first · step … last · step.
struct Ticks {
  double step;  // 1, 2 or 5 times a power of ten
  std::int64_t first, last;
};

// The closest ones that hold both ends in at most eight steps (after Heckbert 1990, "Nice numbers
// for graph labels"). Where both are equal, some that hold it.
Ticks axis_ticks(double low, double high);

}  // namespace attn
