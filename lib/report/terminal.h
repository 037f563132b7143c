// Attention heatmaps as text for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "alignment/alignment.h"

namespace attn {

// Returns the attention matrix in lines of text: a row for each target token and a column for each
// source token, darker for larger weights. If that is wider than `width` cells, returns for each
// target token a list of the source tokens with the largest weights. With `color`, the largest
// weight of each row is highlighted by an escape sequence.
std::string terminal_heatmap(const Alignment& alignment, std::size_t width, bool color);

// Returns the legend of the matrix, each shade with the smallest weight it represents: "· 0.05, ░
// 0.2, …".
std::string shade_key();

// Returns the number of terminal cells that a text takes: two for a wide character, none for a
// combining one.
std::size_t cells(std::string_view text);

}  // namespace attn
