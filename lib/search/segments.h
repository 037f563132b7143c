// Translates lines by segments: sentences, and parts of sentences that are longer than those of the
// training text (text/segmenter.h). The segments of all lines are translated like lines, and their
// translations are joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "search/translate.h"
#include "text/segmenter.h"

namespace attn {

// The segments of the lines of a text, as a text.
class SegmentedText {
 public:
  // Divides the lines, except those with a prefix. What the text refers to must outlive the object.
  SegmentedText(const Text& lines, const Segmenter& segmenter);

  // Returns the segments of all lines, in order. The number of the first segment of a line is that
  // of the line, so that a line of one segment is sampled as if it were not divided. The object
  // must outlive the result.
  Text text() const;
  // Returns the tokenized segments. May be called once.
  std::vector<TranslatedLine> take_tokenized() { return std::move(tokenized_); }

  // Notes that the segments with these indices are translated. Returns how many lines that
  // completes.
  std::size_t complete(std::span<const std::size_t> segments);

  // Joins the translated segments. A line of one segment is returned as it is. Otherwise, all byte
  // ranges refer to the line and to the joined text, and the best translations of the segments are
  // joined, the second best, and so on. A segment with fewer translations repeats its last one.
  // - text: with a space where the line has white space, and where a character outside ASCII is
  //   before the boundary in the line, but not in the translation, as in 。→ "."
  // - log_prob, score: the sums over the segments, so the order of the list remains.
  // - log_probs: those of the pieces, then, unless the last segment is truncated, the sum over the
  //   ends of all segments.
  // - segment_attention: see joined_attention.
  std::vector<TranslatedLine> join(std::vector<TranslatedLine> segments) const;

 private:
  struct Line {
    std::size_t first, count;  // segments
    std::size_t incomplete;    // number of segments that are not translated
    std::size_t cuts;
  };

  void add(std::size_t line, std::vector<Segment> segments);
  TranslatedLine joined(std::size_t line, std::span<const TranslatedLine> segments) const;

  Text lines_;
  std::vector<Line> infos_;
  // One element for each segment:
  std::vector<std::string> texts_, prefixes_;
  std::vector<std::uint64_t> numbers_;
  std::vector<TranslatedLine> tokenized_;
  std::vector<TextRange> ranges_;     // in the line
  std::vector<std::size_t> line_of_;  // index of the line
};

// Translates lines by segments. `done` is called as by Translator::translate.
std::vector<TranslatedLine> translate_segments(Translator& translator, const Segmenter& segmenter,
                                               const Text& lines, const SearchConfig& config,
                                               const std::function<void(std::size_t)>& done = {});

// Returns attention weights without the column of the target's end.
std::vector<Mat> without_end(const std::vector<Mat>& heads, std::size_t target_pieces);

// Returns the attention weights of a line from those of its segments, one matrix per head. Element
// k of `segments` has the heads of segment k: [source pieces and end × target pieces], in the last
// segment also with the target's end. The result is block-diagonal, but the weights of all ends of
// segments are in its last row, that of the line's end, so the sums of the columns remain.
std::vector<Mat> joined_attention(std::span<const std::vector<Mat>> segments);

}  // namespace attn
