// Attention as text, for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "alignment/alignment.h"

namespace attn {

// A row for each target token, a column for each source token, darker for a larger weight; where
// that is wider than so many cells, for each target token the source tokens that it looks at most.
// `color`: the largest weight of a row stands out by an escape sequence. Lines, ended.
std::string terminal_heatmap(const Alignment& alignment, std::size_t width, bool color);

// Each shade of it and the least weight that it stands for: "· 0.05, ░ 0.2, …".
std::string shade_key();

// Cells of a terminal that a text takes: two for a wide character, none for a combining one.
std::size_t cells(std::string_view text);

}  // namespace attn
