// A part of a long text, for several processes that share it: --part I/N.
#pragma once

#include <cstddef>

namespace attn {

// Every count-th block of lines, beginning with block `index`. Blocks are those in which lines are
// translated together, so a line's translation does not depend on the number of parts.
struct Part {
  static constexpr std::size_t kLinesPerBlock = 8192;

  std::size_t index = 0, count = 1;

  bool is_whole() const { return count == 1; }
  // Returns whether the line, counted from 0, belongs to the part.
  bool has(std::size_t line) const { return line / kLinesPerBlock % count == index; }
};

}  // namespace attn
