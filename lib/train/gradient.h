// The gradient of an update. A batch is divided into a fixed number of shards; each shard adds its
// gradient to an arena of its own, and the arenas are summed in order. The result depends on
// train.shards but never on the number of threads.
//
// A shard with many words is processed in chunks of sentences, whose gradients add up to the same.
// This bounds the memory for saved activations, which would otherwise grow with the longest batch
// of the text.
//
// Invariant: all arenas are zero between updates. The optimizer clears each element of the total
// right after its last read, while it is still cached. Only those rows of an embedding table are
// summed that belong to words of the batch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "model/seq2seq.h"
#include "text/corpus.h"

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
  };

  Gradient(const Seq2Seq& model, int shards, Pool& pool);

  // Begins a new update. Requires that the optimizer has taken and cleared the total.
  void begin();
  // Adds the gradient of a batch, given by the indices of its pairs in the corpus. An update may
  // have several batches.
  void accumulate(const Weights& w, const Corpus& corpus, std::span<const std::uint32_t> pairs,
                  const Objective& objective, const DropoutContext& noise);
  // Sums the shards into the total and returns its squared norm.
  double sum();

  // Releases all memory until the next batch. Requires that the arenas are zero, as between
  // updates.
  void release_memory();

  const Params& total() const { return arenas_[0]; }
  Params& total() { return arenas_[0]; }  // to be cleared before the next update
  const Sums& sums() const { return sums_; }

 private:
  struct Shard {
    Batch batch;  // batch of the current chunk
    std::vector<Words> sources, targets, links;
    std::vector<std::uint64_t> example_ids;
    Output::Loss loss;
    double distinct_source, distinct_target;
  };

  // A range of the arenas that one worker sums at a time: contiguous numbers, or rows of an
  // embedding table.
  struct Range {
    Index offset, size;
    Index row = 0;              // numbers per row; 0: not an embedding table
    std::size_t first_row = 0;  // index of its first row in marked_rows_
  };

  void add_ranges(Range whole);
  void divide(const Corpus& corpus, std::span<const std::uint32_t> pairs);
  void run_shard(std::size_t shard, const Weights& w, const Objective& objective,
                 const DropoutContext& noise, Seq2Seq::Scratch& scratch);
  // Adds the gradient of the shard's pairs [begin, end) to its arena, and the losses to the shard.
  void run_chunk(std::size_t shard, std::size_t begin, std::size_t end, const Weights& w,
                 const Objective& objective, const DropoutContext& noise,
                 Seq2Seq::Scratch& scratch);
  void add_to_sums(const Shard& shard);
  void mark_rows(std::size_t shard);
  double sum_dense(const Range& range);
  double sum_rows(const Range& range);
  // Adds the shards' numbers to the total and clears them; returns the squared norm of the total.
  double sum_numbers(Index offset, Index size);

  const Seq2Seq& model_;
  Pool& pool_;
  std::vector<Seq2Seq::Scratch> scratch_;  // one per worker; empty after release_memory
  std::vector<Shard> shards_;
  std::vector<Params> arenas_;  // one per shard; empty after release_memory
  std::vector<std::uint32_t> order_;
  std::vector<Range> ranges_;
  std::vector<double> squares_;  // one per range
  // For each arena, the rows of the sparse tables (one table after the other) that are not zero.
  std::vector<std::vector<char>> marked_rows_;
  std::uint64_t next_example_id_ = 0;  // number of sentence pairs so far in this update
  Sums sums_;
};

}  // namespace attn
