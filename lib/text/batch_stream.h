// The batches of a training text, epoch after epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "text/batcher.h"
#include "text/chunked_corpus.h"

namespace attn {

// All that a resumed run needs to go on with the same batches.
struct Position {
  int epoch = 0;            // under way, from 0
  std::uint64_t batch = 0;  // next of the epoch
  std::uint64_t window = 0;
  std::uint64_t batch_in_chunk = 0;  // next batch of the window
};

// Each window's pairs are shuffled, sorted and cut as make_batches does with a whole text.
class BatchStream {
 public:
  struct Item {
    const Corpus& corpus;
    std::span<const std::uint32_t> sentences;
  };

  // Epoch e is a function of key.at(e). `text` must outlive the stream.
  BatchStream(const ChunkedCorpus& text, const BatchOptions& options, RandomKey key)
      : text_(text), options_(options), key_(key) {}

  // Whether the position's epoch has no more batches.
  bool at_end(const Position& at) const { return at.window == text_.windows(); }
  // The batch at the position, which moves on; it stays until the next call. Error: as
  // ChunkedCorpus::window.
  Item next(Position& at);
  // Epochs before the position, with the part of its own.
  double epochs(const Position& at) const;

 private:
  bool has_chunk(const Position& at) const { return loaded_ == std::pair(at.epoch, at.window); }
  void load_chunk(const Position& at);

  const ChunkedCorpus& text_;
  BatchOptions options_;
  RandomKey key_;
  std::pair<int, std::uint64_t> loaded_ = {-1, 0};  // epoch and window of the following
  Corpus window_;                                   // none where the whole text is in memory
  Batches batches_;
};

}  // namespace attn
