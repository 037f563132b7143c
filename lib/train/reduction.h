// The sum of the shards' gradients, and its norm. Only those rows of an embedding table are read
// that belong to words of the batches: all others are zero.
//
// The arena is divided into fixed parts. They are the units of work of the threads, the units of
// the ranges that processes own, and the units in which the squared norm is summed. Results
// therefore depend neither on the number of threads nor on that of processes.
#pragma once

#include <span>
#include <vector>

#include "model/seq2seq.h"
#include "train/communicator.h"

namespace attn {

class Reduction {
 public:
  // `shards` is the number of shards of this process. The arguments must outlive the object.
  Reduction(const Seq2Seq& model, std::size_t shards, Workers workers, WireFormat format);

  // Marks the embedding rows of the batch's words, to which a shard of this process has added.
  // Threads may mark the rows of different shards at the same time.
  void mark_rows(std::size_t shard, const Batch& batch);

  // Sums the arenas of all shards. `arenas` are those of this process. The first receives the sums
  // of this process's range, and all other numbers are set to zero. Also computes the squares for
  // squared_norm(), part by part while the sums are cached.
  void sum(std::span<Params> arenas);
  // Returns the squared norm of the last sum, over the ranges of all processes.
  double squared_norm() const;

  // Returns the bounds of the ranges: process r owns the numbers [bounds[r], bounds[r + 1]).
  IndexSpan<const Index> bounds() const { return bounds_; }

 private:
  // Contiguous numbers of the arena, or consecutive rows of an embedding table.
  struct Part {
    Index offset, size;
    Index row = 0;        // numbers per row; 0: not an embedding table
    Index first_row = 0;  // index of the first row in marked_
  };

  void add_parts(Part whole);
  void collect_owned_ranges();
  void collect_marks();
  void square_own_parts(const Params& total);
  // Calls f(offset, size) for each block of a part that may be other than zero: blocks that fit in
  // the L1 cache, or marked rows.
  template <class F>
  void for_each_block(const Part& part, F f) const;
  double square_of(const Part& part, const Params& total) const;

  std::span<const SparseTable> tables_;
  Workers workers_;
  std::vector<Part> parts_;
  std::vector<Index> part_bounds_, bounds_;  // parts and numbers of each process
  WireFormat format_;
  std::vector<double> squares_;  // squared norm of each part
  // The numbers of each process that may be other than zero.
  std::vector<std::vector<NumberRange>> owned_;
  // The marks of each shard, and those of all shards of all processes, for the rows of the
  // embedding tables, one table after the other.
  std::vector<std::vector<char>> shard_marks_;
  std::vector<char> marked_;
};

}  // namespace attn
