// Two texts that go line by line, read together.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace attn {

class PairReader {
 public:
  // "-", for one of them: standard input.
  PairReader(const fs::path& source, const fs::path& target);

  // The next lines of both, at most so many; none at the end. Error: as LineReader; one text ends
  // before the other.
  bool next(std::size_t most, std::vector<std::string>& sources, std::vector<std::string>& targets);

 private:
  fs::path source_path_, target_path_;
  LineReader source_, target_;
  std::size_t read_ = 0;
};

}  // namespace attn
