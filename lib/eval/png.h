// Pixels for those who need them.
#pragma once

#include <string>

namespace attn {

// A PNG of an SVG, `scale` pixels for each of its own, drawn by librsvg with this machine's fonts.
// Error: too large for the format's library.
std::string png_of_svg(const std::string& svg, double scale = 3);

}  // namespace attn
