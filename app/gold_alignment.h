// Reads gold word alignments and checks them against their text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "alignment/word_alignment.h"
#include "base/file.h"

namespace attn {

// Reads the gold links of a text, one line per sentence pair. `index_base` is the number of the
// first word in the file. Throws Error, with file and line, if the number of lines is wrong, a line
// is not valid or a link points past the end of its sentence.
std::vector<GoldLinks> read_gold(const fs::path& path, int index_base,
                                 const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets);

// Parses one line of such a file. Throws Error as read_gold does.
GoldLinks parse_gold_line(const std::string& links, int index_base, const fs::path& file,
                          std::size_t line, const std::string& source, const std::string& target);

}  // namespace attn
