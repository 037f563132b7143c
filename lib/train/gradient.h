// The gradient of an update. A batch is divided into a fixed number of shards; each shard adds its
// gradient to an arena of its own, and the arenas are summed in the order of a tree
// (train/tree_sum.h). Several processes share the shards. The result depends on train.shards, but
// neither on the number of threads nor on that of processes.
//
// A shard with many words is processed in chunks of sentences, whose gradients add up to the same.
// This bounds the memory for saved activations, which would otherwise grow with the longest batch
// of the text.
//
// Invariant: all arenas are zero between updates. The optimizer clears each element of the total
// right after its last read, while it is still cached.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/seq2seq.h"
#include "text/corpus.h"
#include "train/communicator.h"
#include "train/reduction.h"

namespace attn {

// Approximate number of words of both sides in a chunk: few enough to bound memory, enough for wide
// products.
constexpr std::size_t kWordsPerChunk = 1280;

class Gradient {
 public:
  // Sums over the sentence pairs of an update.
  struct Sums {
    double objective = 0, cross_entropy = 0;  // nats
    double tokens = 0, sentences = 0;         // number of target words; of sentence pairs
    // Σ source words, Σ source words · target words, and Σ source words².
    double source_tokens = 0, word_pairs = 0, source_pairs = 0;
    double segments = 0, segment_pairs = 0;  // Σ segments of the source; Σ segments · target words
    // Distinct words of each chunk, or all words where embeddings have dropout (S' and T' of
    // model/flops.h).
    double distinct_source = 0, distinct_target = 0;

    Sums& operator+=(const Sums& other);
  };

  // Requires that the number of processes divides `shards`.
  Gradient(const Seq2Seq& model, int shards, Workers workers,
           WireFormat format = WireFormat::exact);

  // Begins a new update. Requires that the optimizer has taken and cleared the total.
  void begin();
  // Adds the gradient of a batch, given by the indices of its pairs in the corpus. An update may
  // have several batches.
  void accumulate(const Weights& w, const Corpus& corpus, std::span<const std::uint32_t> pairs,
                  const Objective& objective, const DropoutContext& noise);
  // Sums the gradients of all shards. The total then has the sums of this process's range.
  void sum();
  // Returns the squared norm of the sum, over the ranges of all processes.
  double squared_norm() const { return reduction_.squared_norm(); }

  // Releases all memory until the next batch. Requires that the arenas are zero, as between
  // updates.
  void release_memory();

  const Params& total() const { return arenas_[0]; }
  Params& total() { return arenas_[0]; }  // to be cleared before the next update
  // Returns the bounds of the ranges: process r owns the numbers [bounds[r], bounds[r + 1]).
  IndexSpan<const Index> bounds() const { return reduction_.bounds(); }
  const Sums& sums() const { return sums_; }

 private:
  struct Shard {
    Batch batch;  // batch of the current chunk
    std::vector<Words> sources, targets, links;
    std::vector<std::uint64_t> example_ids;
  };

  void divide(const Corpus& corpus, std::span<const std::uint32_t> pairs);
  // Runs the shard with the number `own` among those of this process.
  void run_shard(std::size_t own, const Weights& w, const Objective& objective,
                 const DropoutContext& noise, Seq2Seq::Scratch& scratch);
  // Adds the gradient of the shard's pairs [begin, end) to its arena, and the losses to its sums.
  void run_chunk(std::size_t own, std::size_t begin, std::size_t end, const Weights& w,
                 const Objective& objective, const DropoutContext& noise,
                 Seq2Seq::Scratch& scratch);

  const Seq2Seq& model_;
  Workers workers_;
  std::vector<Shard> shards_;              // those of all processes
  std::vector<Index> shard_bounds_;        // shards of each process
  std::size_t first_shard_, own_shards_;   // shards of this process
  std::vector<Seq2Seq::Scratch> scratch_;  // one per worker; empty after release_memory
  std::vector<Params> arenas_;  // one per shard of this process; empty after release_memory
  Reduction reduction_;
  std::vector<std::uint32_t> order_;
  std::uint64_t next_example_id_ = 0;  // number of sentence pairs so far in this update
  std::vector<Sums> shard_sums_;       // over the last batch, for each shard
  Sums sums_;                          // over the update
};

}  // namespace attn
