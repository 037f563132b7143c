// Attention heatmaps in SVG, for figures in papers.
#pragma once

#include <string>

#include "alignment/alignment.h"

namespace attn {

struct HeatmapOptions {
  std::string title;  // above the matrix, broken into lines; empty: none
  // Font size of the labels in pixels; all other sizes are proportional to it.
  double font_size = 12;
};

// Returns the attention matrix as SVG: a row for each target token and a column for each source
// token, darker for larger weights, with tooltips, a color bar and a text description for screen
// readers. The result is the same on every machine.
std::string heatmap_svg(const Alignment& alignment, const HeatmapOptions& options = {});

// Returns the color of a weight as "#rrggbb": from white at 0 to dark blue at 1, in steps that are
// perceptually uniform (OKLab). AttentionWeights outside [0, 1] get the color of the nearer end;
// NaN is white.
std::string heat_color(double weight);

}  // namespace attn
