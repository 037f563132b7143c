#include "line_source.h"

#include <memory>
#include <optional>

#include "base/error.h"
#include "base/line_reader.h"

namespace attn {
namespace {

// Reads the lines with their prefixes.
class PrefixedLines {
 public:
  PrefixedLines(const fs::path& input, const fs::path& prefixes)
      : lines_(input), prefix_file_(prefixes.string()) {
    if (!prefixes.empty()) prefixes_.emplace(prefixes);
  }

  // Reads the next line. Returns false at the end.
  bool next(SourceLine& line) {
    line.number = lines_.line_number();
    if (!lines_.next(line.text, line.problem)) {
      check_end();
      return false;
    }
    std::string problem;
    if (prefixes_ && !prefixes_->next(line.prefix, problem))
      fail_prefix("ends after line " + std::to_string(prefixes_->line_number()) +
                  ", but the text has more lines");
    if (line.problem.empty()) line.problem = problem;
    return true;
  }

 private:
  void check_end() {
    std::string more;
    if (prefixes_ && prefixes_->next(more))
      fail_prefix("has more lines than the text, which ends after line " +
                  std::to_string(lines_.line_number()));
  }
  [[noreturn]] void fail_prefix(const std::string& problem) const {
    throw Error(prefix_file_ + " " + problem +
                ": it must have one line per line of the text; an empty line sets no prefix");
  }

  LineReader lines_;
  std::string prefix_file_;  // for messages
  std::optional<LineReader> prefixes_;
};

// Returns the function that produces the lines of the part from the line `first` on. Counts the
// lines before it that are not text.
BackgroundQueue<SourceLine>::Produce lines_from(
    std::size_t first, Part part, std::shared_ptr<PrefixedLines> lines,
    std::shared_ptr<std::atomic<std::size_t>> skipped_problems) {
  return [first, part, lines = std::move(lines),
          skipped_problems = std::move(skipped_problems)](SourceLine& line) {
    while (lines->next(line)) {
      if (line.number >= first && part.has(line.number)) return true;
      if (line.number < first && !line.problem.empty()) ++*skipped_problems;
      line.problem.clear();
    }
    return false;
  };
}

}  // namespace

LineSource::LineSource(const fs::path& input, const fs::path& prefixes, Blocks blocks, Part part,
                       std::size_t first)
    : blocks_(blocks),
      skipped_problems_(std::make_shared<std::atomic<std::size_t>>(0)),
      queue_(lines_from(first - first % kLinesPerBlock, part,
                        std::make_shared<PrefixedLines>(input, prefixes), skipped_problems_),
             2 * kLinesPerBlock) {}

std::vector<SourceLine> LineSource::take() {
  return queue_.take(blocks_ == Blocks::fixed ? kLinesPerBlock : 1, kLinesPerBlock);
}

}  // namespace attn
