// Divides a line into segments that a model can translate by themselves: its sentences, and parts
// of those that are longer than the sentences the model was trained on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/characters.h"
#include "text/sentence_splitter.h"
#include "text/tokenizer.h"

namespace attn {

struct Segment {
  TextRange range;                       // bytes of the line, without the white space around it
  bool is_cut;                           // whether its sentence continues in the next segment
  std::vector<Tokenizer::Piece> pieces;  // ranges of bytes of the segment's text
};

// A constant object, which threads can share.
class Segmenter {
 public:
  // `max_length` ≥ 1 is the maximum number of pieces of a segment, without the end of sentence, as
  // data.max_length counts them. `language` is that of the text (see SentenceSplitter).
  Segmenter(Tokenizer tokenizer, int max_length, const std::string& language);

  int max_length() const { return max_length_; }

  // Returns the segments of a line, in order. A sentence with more than max_length() pieces is cut
  // near its middle, or near a third and so on if it needs more parts: after clause punctuation if
  // there is some near, otherwise at white space, otherwise where a line may break (between Thai
  // words, for example), otherwise between any two characters. Parts that are still too long are
  // cut again. All characters that are not white space are in a segment. A line that is not divided
  // is one segment with its white space, even if it is empty.
  std::vector<Segment> split(std::string_view line) const;

  // Returns the line as one segment of any length.
  Segment whole(std::string_view line) const;

 private:
  void add(std::string_view line, TextRange range, std::vector<Segment>& out) const;
  std::size_t cut_position(std::string_view text,
                           const std::vector<Tokenizer::Piece>& pieces) const;

  Tokenizer tokenizer_;
  int max_length_;
  SentenceSplitter sentences_;
};

}  // namespace attn
