// Reads two parallel texts line by line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/line_reader.h"
#include "part.h"

namespace attn {

// The number of pairs that commands read and process together.
inline constexpr std::size_t kPairsPerBlock = Part::kLinesPerBlock;

class PairReader {
 public:
  // One of the paths may be "-", standard input. Lines outside of `part` are skipped.
  PairReader(const fs::path& source, const fs::path& target, Part part = {});

  // Reads up to `max` further lines of both texts; returns false at the end. Throws Error if a line
  // cannot be read or one text ends before the other.
  bool next(std::size_t max, std::vector<std::string>& sources, std::vector<std::string>& targets);
  // Returns the number of the first of the lines that next has read, from 0.
  std::size_t first_line() const { return first_; }

 private:
  fs::path source_path_, target_path_;
  LineReader source_, target_;
  Part part_;
  std::size_t read_ = 0, first_ = 0;
};

}  // namespace attn
