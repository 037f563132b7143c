// A batch: sentences in the order of the decoder, and where each of their words stands.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "math/packing.h"

namespace attn {

using Words = std::span<const int>;

// The sources. Two orders: step order (the packing's, longest first) for recurrent layers, and
// sentence order, in which each sentence is one block, for attention.
class SourceBatch {
 public:
  // sources: of any lengths, in the order that sentences shall have; places: their numbers in the
  // update (Dropout).
  void assign(std::span<const Words> sources, std::span<const std::uint64_t> places);

  const Packing& packing() const { return packing_; }
  Index sentences() const { return static_cast<Index>(begins_.size()) - 1; }
  std::span<const Index> begins() const { return begins_; }       // sentence order; sentences + 1
  std::span<const int> ids() const { return ids_; }               // step order
  std::span<const int> ids_at_home() const { return home_ids_; }  // sentence order
  std::span<const Index> home() const { return home_; }  // step order's column → sentence order's
  std::span<const std::uint64_t> places() const { return places_; }  // of the columns in step order
  std::span<const std::uint64_t> places_at_home() const {
    return home_places_;
  }                                   // … in sentence order
  Index first(Index sentence) const;  // column of its first and last word, in step order
  Index last(Index sentence) const;

 private:
  Packing packing_;
  std::vector<int> ranks_, rank_of_, lengths_, ids_, home_ids_;
  std::vector<Index> begins_, home_;
  std::vector<std::uint64_t> places_, home_places_;
};

// The targets, longest first: sentence b is the packing's sequence b.
class TargetBatch {
 public:
  // Also needs the sources' lengths, for the places of the attention weights.
  void assign(std::span<const Words> targets, const SourceBatch& source,
              std::span<const std::uint64_t> places);

  const Packing& packing() const { return packing_; }
  std::span<const int> inputs() const { return inputs_; }  // y_{i−1} of each column; -1: none
  std::span<const int> words() const { return words_; }    // y_i
  std::span<const int> sentences() const {
    return sentences_;
  }  // 0, 1, …: of the first step's columns
  std::span<const std::uint64_t> places() const { return places_; }
  // Attention weights: begin of each sentence's block [S × T]; then the end, which is the begin of
  // the next head's.
  std::span<const Index> weights() const { return weights_; }
  Index weights_of(Index sentence, int head) const {
    return head * weights_.back() + weights_[static_cast<std::size_t>(sentence)];
  }

 private:
  Packing packing_;
  std::vector<int> lengths_, inputs_, words_, sentences_;
  std::vector<std::uint64_t> places_;
  std::vector<Index> weights_;
};

struct Batch {
  // Pairs in any order: sorted by target length here. places[i] is pair i's number in the update;
  // links: of each pair, source and target word in turn, sorted by target word. None: not known.
  void assign(std::span<const Words> sources, std::span<const Words> targets,
              std::span<const std::uint64_t> places, std::span<const Words> links = {});

  SourceBatch source;
  TargetBatch target;
  std::vector<std::size_t> order;  // sentence b is pair order[b]
  std::vector<Words> links;        // of sentence b; none: not known

 private:
  std::vector<Words> sources_, targets_;
  std::vector<std::uint64_t> places_;
};

}  // namespace attn
