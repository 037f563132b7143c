// Continuing an interrupted command: what its partial output files contain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/file.h"

namespace attn {

// How the lines of an output file belong to the lines of the input.
enum class OutputLines {
  one_each,  // line n belongs to input line n
  numbered   // each begins with the number of its input line, as in n-best lists: "7 ||| …", or
             // {"line":7,…}
};

// The beginning of an output file.
struct Answered {
  std::size_t lines = 0;    // number of input lines whose output is complete
  std::uint64_t bytes = 0;  // size of their output
};

// Returns how many of the first `max_lines` input lines a partial file has answered completely. The
// last line that belongs to an input line is known only from the one that follows. A file that does
// not exist answers none. Throws Error if a line has no number.
Answered answered_lines(const fs::path& partial, OutputLines format,
                        std::size_t max_lines = std::numeric_limits<std::size_t>::max());

// Returns how many of the first `max_lines` JSON lines of a partial file report an error.
std::size_t count_errors(const fs::path& partial, std::size_t max_lines);

}  // namespace attn
