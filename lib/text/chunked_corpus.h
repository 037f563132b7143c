// A training text of any size: in memory where it fits, else in a file of which an epoch reads one
// window of the allowed size after another. A window has blocks of consecutive pairs from all over
// the text: the order of the blocks is shuffled anew in each epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "text/corpus.h"

namespace attn {

struct TextStore {
  fs::path folder;     // where the file is, if one is needed: without a name, gone in the end
  std::size_t memory;  // bytes that the pairs may take, with what cutting batches needs
  std::size_t block = kPairBlock;  // numbers that are read from the file at once
};

class ChunkedCorpus {
 public:
  ChunkedCorpus() = default;
  ChunkedCorpus(Corpus corpus) : corpus_(std::move(corpus)) {}  // NOLINT: a corpus is such a text

  const TextSummary& summary() const { return corpus_.text(); }
  bool in_memory() const { return !file_; }
  const Corpus& corpus() const;  // all pairs. Only in memory.

  // Windows of an epoch, 1 in memory: each pair is in one of them, and each fits the memory.
  std::size_t windows() const;
  // Reads a window. Only if not in memory. Error: the file's.
  Corpus window(std::size_t number, RandomKey epoch) const;

 private:
  struct Location {
    std::uint64_t begin;  // number of the file
    std::size_t size;
  };
  friend class TextWriter;

  Corpus corpus_;  // all pairs or none
  std::optional<ScratchFile> file_;
  std::vector<Location> blocks_;  // of the file
  std::size_t blocks_per_chunk_ = 0;
};

// Error: as read_pairs; the file's.
ChunkedCorpus read_chunked_corpus(const TextFiles& files, const TextStore& store, Pool& pool);

}  // namespace attn
