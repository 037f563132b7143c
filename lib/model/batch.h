// A batch of sentence pairs, packed without padding, with the column of each word.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/packing.h"
#include "nn/embedding.h"

namespace attn {

using Words = std::span<const int>;

// Sequences of any lengths, with two orders of their columns: step order (that of the packing,
// longest sequence first) for recurrent layers, and sentence order, in which each sequence is one
// contiguous block.
class Sequences {
 public:
  // Sets the lengths of the sequences.
  void assign(IndexSpan<const int> lengths);

  const Packing& packing() const { return packing_; }
  Index size() const { return static_cast<Index>(begins_.size()) - 1; }
  // Returns the first column of each sequence in sentence order, followed by the number of columns.
  std::span<const Index> begins() const { return begins_; }
  // Returns the column in sentence order of each column in step order.
  std::span<const Index> sentence_order() const { return sentence_order_; }
  // Return the column of a sequence's first and last element in step order.
  Index first(Index sequence) const;
  Index last(Index sequence) const;

 private:
  Packing packing_;
  std::vector<int> ranks_, rank_of_, lengths_;
  std::vector<Index> begins_ = {0}, sentence_order_;
};

// Returns the number of segments (sentences) of a source, which may be a document. Each segment
// ends with the end-of-sentence symbol, which is also the last word of the source.
Index count_segments(Words source);

// The sources of a batch. Their words have columns in step order, for recurrent layers, and in
// sentence order, for attention.
class SourceBatch {
 public:
  // Sets the sources, in the order of the targets. `example_ids` are the numbers of the sentence
  // pairs within the update; they determine the dropout masks.
  void assign(std::span<const Words> sources, std::span<const std::uint64_t> example_ids);

  const Packing& packing() const { return words_.packing(); }
  Index sources() const { return words_.size(); }
  // Return columns in step order.
  std::span<const int> ids() const { return ids_; }
  std::span<const std::uint64_t> example_ids() const { return example_ids_; }
  WordColumns columns() const { return {ids_, unique_, example_ids_}; }
  Index first(Index sentence) const { return words_.first(sentence); }
  Index last(Index sentence) const { return words_.last(sentence); }

  // Return columns in sentence order.
  std::span<const Index> begins() const { return words_.begins(); }
  std::span<const Index> sentence_order() const { return words_.sentence_order(); }
  std::span<const int> ids_in_sentence_order() const { return sentence_order_ids_; }
  std::span<const std::uint64_t> example_ids_in_sentence_order() const {
    return sentence_order_example_ids_;
  }

  // Returns the segments of each source; their elements are segments, not words.
  const Sequences& segments() const { return segments_; }
  // Returns the column of each segment's first word, followed by the number of words. Words and
  // segments are in sentence order.
  std::span<const Index> segment_begins() const { return segment_begins_; }

 private:
  void assign_segments(std::span<const Words> sources);

  Sequences words_, segments_;
  std::vector<int> lengths_, ids_, sentence_order_ids_;
  UniqueIds unique_;  // distinct words of ids_
  std::vector<Index> segment_begins_;
  std::vector<std::uint64_t> example_ids_, sentence_order_example_ids_;
};

// The targets of a batch, longest first: sentence b is sequence b of the packing. Columns are in
// step order.
class TargetBatch {
 public:
  // Sets the targets. The lengths of the sources determine the sizes of the attention matrices.
  void assign(IndexSpan<const Words> targets, const SourceBatch& source,
              IndexSpan<const std::uint64_t> example_ids);

  const Packing& packing() const { return packing_; }
  std::span<const int> words() const { return words_; }    // y_i
  std::span<const int> inputs() const { return inputs_; }  // y_{i−1}; -1 in the first step
  WordColumns input_columns() const { return {inputs_, unique_, example_ids_}; }
  std::span<const std::uint64_t> example_ids() const { return example_ids_; }
  // Returns the sources of the columns of step 0: 0, 1, …
  std::span<const int> sources() const { return sources_; }
  // Returns the offset of each sentence's attention weights [S × T] in the array of one head,
  // followed by the number of weights per head.
  std::span<const Index> weight_begins() const { return weight_begins_; }
  // Returns the offset of the weights of one sentence and head in the array of all heads.
  Index weight_begin(Index sentence, int head) const {
    return head * weight_begins_.back() + IndexSpan(weight_begins_)[sentence];
  }

 private:
  Packing packing_;
  std::vector<int> lengths_, inputs_, words_, sources_;
  UniqueIds unique_;  // distinct words of inputs_
  std::vector<std::uint64_t> example_ids_;
  std::vector<Index> weight_begins_;
};

struct Batch {
  // Sets the pairs and sorts them by target length, longest first. example_ids[i] is the number of
  // pair i within the update. links[i] are the alignment links of pair i, as alternating positions
  // of source and target words, sorted by target word; empty if the alignments are not known.
  void assign(std::span<const Words> sources, std::span<const Words> targets,
              std::span<const std::uint64_t> example_ids, std::span<const Words> links = {});

  SourceBatch source;
  TargetBatch target;
  std::vector<std::size_t> order;  // sentence b is pair order[b]
  std::vector<Words> links;        // alignment links of sentence b; empty if not known

 private:
  std::vector<Words> sources_, targets_;
  std::vector<std::uint64_t> example_ids_;
};

}  // namespace attn
