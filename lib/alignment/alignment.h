// The attention weights of a translation, the alignment links derived from them, and their JSON
// form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alignment/word_alignment.h"
#include "base/json.h"

namespace attn {

using AttentionWeights = std::vector<std::vector<double>>;  // [target][source]

// The attention of one translated source, over subwords or over words. Where a side has an end of
// sentence, it is the last token of that side.
struct Alignment {
  std::vector<std::string> source, target;
  AttentionWeights weights;  // each row sums to 1, with a local_p window to at most 1
  bool source_end = true, target_end = true;
  // With several heads: the weights of each head; `weights` is their mean.
  std::vector<AttentionWeights> heads = {};
  // For a document: the end of each segment, one past its last source token, which is the separator
  // or the end of the line. Empty if the model does not divide sources into segments.
  std::vector<int> segment_ends = {};

  int source_words() const { return static_cast<int>(source.size()) - (source_end ? 1 : 0); }
  int target_words() const { return static_cast<int>(target.size()) - (target_end ? 1 : 0); }
};

inline const std::string kEndOfSentence = "</s>";

// Throws Bug unless all weights have a row for each target token and a column for each source
// token, and the segment ends are sorted and end with the number of source tokens.
void check(const Alignment& alignment);

// The words of a line, and for each of its subwords the indices of the words to which it belongs,
// usually one. The end of sentence is not among the subwords.
struct PieceMap {
  std::vector<std::string> words;
  std::vector<std::vector<int>> words_of;
  bool spaced = true;  // false: the words are subwords, without spaces between them
};

// Converts weights over subwords to weights over words. They are summed over the subwords of a
// source word and averaged over those of a target word, so that the sums of rows do not change. The
// weight of a source subword that belongs to several words is divided equally among them. The end
// of sentence remains a token. Subwords that belong to no word are dropped; a word without subwords
// gets zeros. Throws Bug if a map does not fit the subwords.
Alignment to_words(const Alignment& pieces, const PieceMap& source, const PieceMap& target);

// Returns one link for each target word: to the source word with the largest weight, the first of
// equal weights. The end of sentence and separators of segments are not words. A target word whose
// weights on source words are all zero has no link.
std::vector<Link> hard_links(const Alignment& words);

// Returns the sum of each row's weights over each segment: [target][segment].
AttentionWeights segment_weights(const Alignment& alignment);

// Returns labels for the segments, number and first word: "2. houses …". The alignment must be over
// words.
std::vector<std::string> segment_names(const Alignment& words);

// Returns the mean entropy of the rows in bits, after each is divided by its sum. It is 0 if each
// target token attends to one source token only, or if there are no rows.
double mean_entropy(const AttentionWeights& weights);

// Returns the rows of weights, rounded to six decimals.
Json to_json(const AttentionWeights& weights);

// Returns the links as [[source, target], …].
Json to_json(const std::vector<Link>& links);

// Returns a JSON object: "source", "target", "weights" [target][source] rounded to six decimals,
// "links" [[source, target], …], "end_of_sentence" {"source", "target"}, whose values are true if
// the last token of that side is the end of sentence (a truncated translation has none), and with
// several heads "heads" [head][target][source]. For a document also "segments" [[begin, end], …],
// ranges of source tokens that exclude `end`, and "segment_weights" [target][segment].
Json to_json(const Alignment& alignment, const std::vector<Link>& links);

// Returns the same object in one line. It begins with "line", the number of the translated line
// from 0, if that is given.
std::string to_json_line(const Alignment& alignment, const std::vector<Link>& links,
                         std::optional<std::size_t> line = std::nullopt);

}  // namespace attn
