// Divides a corpus into batches. The batches are a function of the corpus, the options and the key,
// so a resumed run needs only the number of the next batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "text/corpus.h"

namespace attn {

struct BatchOptions {
  bool by_tokens = true;   // `size` counts target tokens with the ends of sentences, not pairs
  int size = 4096;         // maximum size of a batch; a single longer pair is a batch of its own
  int bucket_size = 1600;  // pairs that are sorted by length together; 0 or 1: no sorting
};

class Batches {
 public:
  std::size_t size() const { return ranges_.size(); }
  // Returns the indices of the batch's pairs in the corpus.
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

// Returns batches that contain each pair once. Shuffles the pairs, sorts each bucket by length
// (target, then source), divides the sequence into batches and shuffles their order (Bahdanau et
// al. 2015, section B.2: batches of 80 pairs, buckets of 1600). Every second bucket is sorted in
// descending order, so that a batch that spans two buckets also has similar lengths.
Batches make_batches(const Corpus& corpus, const BatchOptions& options, RandomKey key);

}  // namespace attn
