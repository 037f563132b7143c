// Reads two parallel texts line by line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/line_reader.h"

namespace attn {

// The number of pairs that commands read and process together.
inline constexpr std::size_t kPairsPerBlock = 8192;

class PairReader {
 public:
  // One of the paths may be "-", standard input.
  PairReader(const fs::path& source, const fs::path& target);

  // Reads up to `max` further lines of both texts; returns false at the end. Throws Error if a line
  // cannot be read or one text ends before the other.
  bool next(std::size_t max, std::vector<std::string>& sources, std::vector<std::string>& targets);

 private:
  fs::path source_path_, target_path_;
  LineReader source_, target_;
  std::size_t read_ = 0;
};

}  // namespace attn
