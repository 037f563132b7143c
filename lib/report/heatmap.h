// An alignment as a figure for a paper: SVG.
#pragma once

#include <string>

#include "alignment/alignment.h"

namespace attn {

struct HeatmapOptions {
  std::string title;      // above the matrix, in as many lines as it needs; "": none
  double font_size = 12;  // of the labels, in pixels; all other sizes follow from it
};

// The matrix: a row for each target token, a column for each source token, darker for a larger
// weight; tooltips, a color bar, and a description for those who can't see it. The same input gives
// the same text on every machine.
std::string heatmap_svg(const Alignment& alignment, const HeatmapOptions& options = {});

// The color of a weight, "#rrggbb": white at 0, dark blue at 1, one hue, and equal steps of weight
// look equally large because they are in OKLab. What lies outside 0 … 1, or is no number, gets the
// nearer end, or white.
std::string heat_color(double weight);

}  // namespace attn
