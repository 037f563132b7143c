// The batches of a training text, epoch after epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "text/batcher.h"
#include "text/chunked_corpus.h"

namespace attn {

// The position of the next batch. A resumed run needs nothing else to continue with the same
// batches.
struct Position {
  int epoch = 0;                     // counted from 0
  std::uint64_t batch = 0;           // in the epoch
  std::uint64_t chunk = 0;           // chunk of the text, in the epoch
  std::uint64_t batch_in_chunk = 0;  // in the chunk
};

// Returns batches one after the other. Each chunk of the text is divided by make_batches.
class BatchStream {
 public:
  struct Item {
    const Corpus& corpus;
    std::span<const std::uint32_t> pairs;  // indices in the corpus
  };

  // The batches of epoch e are a function of key.at(e). `text` must outlive the stream.
  BatchStream(const ChunkedCorpus& text, const BatchOptions& options, RandomKey key)
      : text_(text), options_(options), key_(key) {}

  // Returns whether the epoch of the position has no more batches.
  bool at_end(const Position& at) const { return at.chunk == text_.chunks(); }
  // Returns the batch at the position and advances the position. The batch is valid until the next
  // call. Requires !at_end(at). Throws Error as ChunkedCorpus::chunk does.
  Item next(Position& at);
  // Returns the number of epochs before the position, including the fraction of its own epoch.
  double epochs(const Position& at) const;

 private:
  bool has_chunk(const Position& at) const { return loaded_ == std::pair(at.epoch, at.chunk); }
  void load_chunk(const Position& at);

  const ChunkedCorpus& text_;
  BatchOptions options_;
  RandomKey key_;
  std::pair<int, std::uint64_t> loaded_ = {-1, 0};  // epoch and number of the loaded chunk
  Corpus chunk_;                                    // empty if the text is in memory
  Batches batches_;
};

}  // namespace attn
