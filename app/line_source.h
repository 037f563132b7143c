// The lines of a text that a command translates. They are read in a thread of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/background_queue.h"
#include "base/file.h"
#include "part.h"

namespace attn {

struct SourceLine {
  std::size_t number = 0;  // from 0
  std::string text = {};
  std::string prefix = {};   // the line of the file with prefixes, if there is one
  std::string problem = {};  // why the line is not text; empty: it is
};

// Which lines LineSource::take returns together.
enum class Blocks {
  arrived,  // those that have arrived: a program that writes a line and waits gets its answer
  fixed     // always the same, so that the result does not depend on time
};

class LineSource {
 public:
  static constexpr std::size_t kLinesPerBlock = Part::kLinesPerBlock;  // at most

  // Reads `input` ("-": standard input), and for each of its lines one of `prefixes`, unless that
  // is an empty path. Lines outside of `part` are skipped and, with fixed blocks, those before the
  // block with the line `first`. Throws Error if a file cannot be opened.
  LineSource(const fs::path& input, const fs::path& prefixes, Blocks blocks, Part part = {},
             std::size_t first = 0);

  // Returns the next lines, none at the end. Throws Error, after all lines before have been
  // returned, if the input cannot be read further or there are not as many prefixes as lines.
  std::vector<SourceLine> take();
  // Returns how many of the skipped lines before the first one are not text. Complete after take.
  std::size_t skipped_problems() const { return *skipped_problems_; }

 private:
  Blocks blocks_;
  std::shared_ptr<std::atomic<std::size_t>> skipped_problems_;
  BackgroundQueue<SourceLine> queue_;
};

}  // namespace attn
