// Rendering of SVG to PNG.
#pragma once

#include <string>

namespace attn {

// Throws Error if librsvg, which is loaded at run time, is not available. To be called before a
// long computation.
void check_png();

// Renders an SVG by librsvg with the fonts of this machine. The PNG has `scale` pixels per pixel of
// the SVG and a pixel density that gives it the same printed size. Throws Error as check_png does,
// and if the picture is too large for librsvg or cairo.
std::string png_of_svg(const std::string& svg, double scale = 3);

}  // namespace attn
