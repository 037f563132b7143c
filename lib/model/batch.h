// A batch: sentences in the order of the decoder, and where each of their words stands.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/packing.h"
#include "nn/embedding.h"

namespace attn {

using Words = std::span<const int>;

// Sequences of any lengths. Two orders: step order (the packing's, longest first) for recurrent
// layers, and home order, in which each sequence is one block.
class Sequences {
 public:
  void assign(std::span<const int> lengths);

  const Packing& packing() const { return packing_; }
  Index size() const { return static_cast<Index>(begins_.size()) - 1; }
  std::span<const Index> begins() const { return begins_; }  // home order; size + 1
  std::span<const Index> sentence_order() const {
    return sentence_order_;
  }                                   // step order's column → home order's
  Index first(Index sequence) const;  // column of its first and last member, in step order
  Index last(Index sequence) const;

 private:
  Packing packing_;
  std::vector<int> ranks_, rank_of_, lengths_;
  std::vector<Index> begins_ = {0}, sentence_order_;
};

// A source may be a document: each word like its last one, the end of sentence, ends a sentence of
// it. These are its segments; a source of one sentence has one.
Index count_segments(Words source);

// The sources. Two orders: step order for recurrent layers, and sentence order, the home order of
// their words, for attention.
class SourceBatch {
 public:
  // sources: of any lengths, in the order that sentences shall have; example_ids: their numbers in
  // the update (Dropout).
  void assign(std::span<const Words> sources, std::span<const std::uint64_t> example_ids);

  const Packing& packing() const { return words_.packing(); }
  Index sentences() const { return words_.size(); }
  std::span<const Index> begins() const { return words_.begins(); }      // sentence order
  std::span<const int> ids() const { return ids_; }                      // step order
  WordColumns columns() const { return {ids_, unique_, example_ids_}; }  // … to be embedded
  std::span<const int> ids_in_sentence_order() const {
    return sentence_order_ids_;
  }  // sentence order
  std::span<const Index> sentence_order() const { return words_.sentence_order(); }
  std::span<const std::uint64_t> example_ids() const {
    return example_ids_;
  }  // of the columns in step order
  std::span<const std::uint64_t> example_ids_in_sentence_order() const {
    return sentence_order_example_ids_;
  }  // … in sentence order
  Index first(Index sentence) const { return words_.first(sentence); }
  Index last(Index sentence) const { return words_.last(sentence); }

  const Sequences& segments() const { return segments_; }  // of each source
  // Sentence order's column of each part's first word, by the segments' home order; segments + 1.
  std::span<const Index> segment_begins() const { return segment_begins_; }

 private:
  void assign_segments(std::span<const Words> sources);

  Sequences words_, segments_;
  std::vector<int> lengths_, ids_, sentence_order_ids_;
  UniqueIds unique_;  // of ids_
  std::vector<Index> segment_begins_;
  std::vector<std::uint64_t> example_ids_, sentence_order_example_ids_;
};

// The targets, longest first: sentence b is the packing's sequence b.
class TargetBatch {
 public:
  // Also needs the sources' lengths, for the example_ids of the attention weights.
  void assign(std::span<const Words> targets, const SourceBatch& source,
              std::span<const std::uint64_t> example_ids);

  const Packing& packing() const { return packing_; }
  std::span<const int> inputs() const { return inputs_; }  // y_{i−1} of each column; -1: none
  WordColumns input_columns() const { return {inputs_, unique_, example_ids_}; }
  std::span<const int> words() const { return words_; }  // y_i
  std::span<const int> sentences() const {
    return sentences_;
  }  // 0, 1, …: of the first step's columns
  std::span<const std::uint64_t> example_ids() const { return example_ids_; }
  // Attention weights: begin of each sentence's block [S × T]; then the end, which is the begin of
  // the next head's.
  std::span<const Index> weights() const { return weights_; }
  Index weights_of(Index sentence, int head) const {
    return head * weights_.back() + weights_[static_cast<std::size_t>(sentence)];
  }

 private:
  Packing packing_;
  std::vector<int> lengths_, inputs_, words_, sentences_;
  UniqueIds unique_;  // of inputs_
  std::vector<std::uint64_t> example_ids_;
  std::vector<Index> weights_;
};

struct Batch {
  // Pairs in any order: sorted by target length here. example_ids[i] is pair i's number in the
  // update; links: of each pair, source and target word in turn, sorted by target word. None: not
  // known.
  void assign(std::span<const Words> sources, std::span<const Words> targets,
              std::span<const std::uint64_t> example_ids, std::span<const Words> links = {});

  SourceBatch source;
  TargetBatch target;
  std::vector<std::size_t> order;  // sentence b is pair order[b]
  std::vector<Words> links;        // of sentence b; none: not known

 private:
  std::vector<Words> sources_, targets_;
  std::vector<std::uint64_t> example_ids_;
};

}  // namespace attn
