// Which source words a translation looked at: soft weights, hard links, and the formats others
// read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alignment/word_alignment.h"
#include "base/json.h"

namespace attn {

using Weights = std::vector<std::vector<double>>;  // [target][source]

// The attention of one translated sentence. Where a side has an end of sentence, it is that side's
// last token.
struct Alignment {
  std::vector<std::string> source, target;  // pieces or words
  Weights weights;  // rows sum to 1, but for a predictive window's, which sum to less
  bool source_end = true, target_end = true;
  // Where there are several heads: the weights of each, of which the ones above are the mean.
  std::vector<Weights> heads = {};
  // Of a document: of each sentence the source token behind its last one, which is the separator or
  // the end of the line. Empty: the model knows no sentences.
  std::vector<int> sentences = {};

  int source_words() const { return static_cast<int>(source.size()) - (source_end ? 1 : 0); }
  int target_words() const { return static_cast<int>(target.size()) - (target_end ? 1 : 0); }
};

inline const std::string kEndOfSentence = "</s>";

// Bug unless `weights` has a row for every target token with a column for every source token.
void check(const Alignment& alignment);

// The words of a line, and for each of its pieces (the end of sentence is none) the indices of its
// words: one as a rule.
struct PieceMap {
  std::vector<std::string> words;
  std::vector<std::vector<int>> words_of;
  bool spaced = true;  // false: pieces stand for words, and the text has no spaces between them
};

// From pieces to words: weights are summed over the source pieces of a word and averaged over the
// target pieces of a word, so that the sums of rows stay; the weight of a source piece of several
// words is parted among them. Ends of sentence stay as they are. Pieces of no word are left out; a
// word without pieces gets zeros. Bug: a map that doesn't fit the pieces.
Alignment to_words(const Alignment& pieces, const PieceMap& source, const PieceMap& target);

// One link for each target word: to the source word with the largest weight, the earlier one of
// equals; the end of sentence is no word on either side, nor is a separator of sentences. A target
// word that looks at no source word at all (all zero) has no link.
std::vector<Link> hard_links(const Alignment& words);

// Of each target token the sums of its weights over the sentences [target][sentence].
Weights sentence_weights(const Alignment& alignment);

// What the sentences are called, given words: "2. houses …", the number and the first word.
std::vector<std::string> sentence_names(const Alignment& words);

// Of the rows, each divided by its sum, in bits: 0 where every target token looks at one source
// token. Of no rows, 0.
double mean_entropy(const Weights& weights);

// Rows of weights in six digits.
Json to_json(const Weights& weights);

// Links as [[source, target], …].
Json to_json(const std::vector<Link>& links);

// One JSON object: source, target, weights [target][source] in six digits, links [[s, t], …], heads
// [head][target][source] where there are several, and end_of_sentence {source, target}: true where
// that side's last token is its end of sentence and not a word (a translation that was cut has
// none); of a document sentences [[begin, end], …], the end being behind the last source token, and
// sentence_weights [target][sentence].
Json to_json(const Alignment& alignment, const std::vector<Link>& links);

// The same in one line; `line`: the number of the translated line, from 0.
std::string to_json_line(const Alignment& alignment, const std::vector<Link>& links,
                         std::optional<std::size_t> line = std::nullopt);

}  // namespace attn
