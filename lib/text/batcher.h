// The batches of an epoch, a function of options and key alone: nothing to save for a resumed run
// but the number of the window and of the batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "text/corpus.h"

namespace attn {

struct BatchOptions {
  bool by_tokens = true;   // size counts target tokens, end of sentence included; else sentences
  int size = 4096;         // of a batch, at most; a single longer sentence is a batch
  int bucket_size = 1600;  // sentences that are sorted together; 0 or 1: none
};

class Batches {
 public:
  std::size_t size() const { return ranges_.size(); }
  // Indices of the batch's sentences in the corpus.
  std::span<const std::uint32_t> operator[](std::size_t batch) const {
    const auto [begin, end] = ranges_[batch];
    return std::span(order_).subspan(begin, end - begin);
  }

 private:
  struct Range {
    std::size_t begin, end;
  };

  friend Batches make_batches(const Corpus& corpus, const BatchOptions& options, RandomKey key);

  std::vector<std::uint32_t> order_;
  std::vector<Range> ranges_;
};

// Every sentence once: shuffled, sorted by length (target, then source) within windows of
// bucket_size, cut into batches, whose order is shuffled (Bahdanau et al. 2015, section B.2: 80
// sentences a batch within 1600). A batch may span two windows: every second one is sorted the
// other way round, so that lengths are similar there too.
Batches make_batches(const Corpus& corpus, const BatchOptions& options, RandomKey key);

}  // namespace attn
