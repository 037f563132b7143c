// An alignment as a figure for a paper: SVG, and the JSON behind it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "eval/alignment.h"

namespace attn {

struct HeatmapOptions {
  std::string title;      // above the matrix, in as many lines as it needs; "": none
  double font_size = 12;  // of the labels, in pixels; all other sizes follow from it
};

// The matrix: a row for each target token, a column for each source token, darker for a larger
// weight; tooltips, a colour bar, and a description for those who can't see it. The same input
// gives the same text on every machine.
std::string heatmap_svg(const Alignment& alignment, const HeatmapOptions& options = {});

// Where the numbers behind the picture `x.svg` go: x.json. Error: something else lies there, which
// they would replace.
fs::path heatmap_data(const fs::path& picture);
void check_heatmap_data(const fs::path& picture);

// Writes `x.svg` and `x.json` for one alignment, `x-1.svg`, `x-1.json` … for several, the numbers
// padded with zeros so that they sort; of several heads also `x-head-1.svg` … beside their mean.
// Returns the paths in the order written. Error: a path that
// doesn't end in .svg, or can't be written; as check_heatmap_data, before anything is written.
std::vector<fs::path> write_heatmaps(const fs::path& path, const std::vector<Alignment>& alignments,
                                     const HeatmapOptions& options = {});

// The colour of a weight, "#rrggbb": white at 0, dark blue at 1, one hue, and equal steps of weight
// look equally large because they are in OKLab. What lies outside 0 … 1, or is no number, gets the
// nearer end, or white.
std::string heat_colour(double weight);

// How wide a text is in a sans-serif font, in ems: an estimate without the font, from above.
double text_width(std::string_view text);

}  // namespace attn
