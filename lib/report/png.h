// Pixels for those who need them.
#pragma once

#include <string>

namespace attn {

// Before a long work. Error: librsvg, which is loaded when it is needed, is not there.
void check_png();

// A PNG of an SVG, `scale` pixels for each of its own, drawn by librsvg with this machine's fonts,
// and as large where it is printed: its density is written in it. Error: as check_png; too large
// for librsvg or cairo.
std::string png_of_svg(const std::string& svg, double scale = 3);

}  // namespace attn
