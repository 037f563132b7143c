// A training text of any size. A text that exceeds the allowed memory is stored in a temporary
// file, and an epoch reads it in chunks of the allowed size. A chunk consists of blocks of
// consecutive pairs from all over the text; the blocks are shuffled in each epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "text/corpus.h"

namespace attn {

struct CorpusStorage {
  fs::path directory;                  // where the temporary file is created if it is needed
  std::size_t memory;                  // maximum bytes of the pairs in memory and of their order
  std::size_t block = kPairBlockSize;  // integers per block of the file
};

class ChunkedCorpus {
 public:
  ChunkedCorpus() = default;
  ChunkedCorpus(Corpus corpus) : corpus_(std::move(corpus)) {}  // NOLINT: implicit

  const TextSummary& summary() const { return corpus_.text(); }
  bool in_memory() const { return !file_; }
  // Returns all pairs. Requires in_memory().
  const Corpus& corpus() const;

  // Returns the number of chunks of an epoch, 1 in memory. Each pair is in exactly one chunk.
  std::size_t chunks() const;
  // Reads chunk `number` of the epoch with the given key. Requires !in_memory(). Throws Error if
  // the file cannot be read.
  Corpus chunk(std::size_t number, RandomKey epoch) const;

 private:
  // A block of the file, in integers.
  struct Location {
    std::uint64_t begin;
    std::size_t size;
  };
  friend class ChunkedCorpusWriter;

  Corpus corpus_;  // without pairs if they are in the file
  std::optional<ScratchFile> file_;
  std::vector<Location> blocks_;
  std::size_t blocks_per_chunk_ = 0;
};

// Stores the pairs of a text. Throws Error as `read` does, and if the temporary file cannot be
// written.
ChunkedCorpus collect_chunked_corpus(const PairSource& read, const CorpusStorage& storage);

// Reads and stores a parallel text. Throws Error as read_pairs and collect_chunked_corpus do.
ChunkedCorpus read_chunked_corpus(const TextFiles& files, const CorpusStorage& storage, Pool& pool);

}  // namespace attn
