// Sentence pairs as ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/parallel.h"
#include "text/tokenizer.h"

namespace attn {

// Consecutive pairs as numbers, in memory or in a file. A pair is its line (low half, high half),
// its numbers of source tokens, target tokens and links, these tokens, and the links: source and
// target token in turn, sorted by target token.
using PairBlock = std::vector<int>;

constexpr std::size_t kPairBlock = std::size_t{1} << 16;  // numbers in a block: 256 KiB

// One pair of a block.
class PairView {
 public:
  explicit PairView(const int* at) : at_(at) {}

  std::size_t line() const { return unsigned_at(0) | (unsigned_at(1) << 32U); }
  std::span<const int> source() const { return {at_ + kHeader, unsigned_at(2)}; }
  std::span<const int> target() const { return {at_ + kHeader + unsigned_at(2), unsigned_at(3)}; }
  std::span<const int> links() const {
    return {at_ + kHeader + unsigned_at(2) + unsigned_at(3), 2 * unsigned_at(4)};
  }
  std::span<const int> numbers() const {
    return {at_, kHeader + unsigned_at(2) + unsigned_at(3) + 2 * unsigned_at(4)};
  }

 private:
  static constexpr std::size_t kHeader = 5;
  std::size_t unsigned_at(int i) const { return static_cast<std::uint32_t>(at_[i]); }
  const int* at_;
};

// Calls f(pair) for each pair of a block.
template <class F>
void for_each_pair(const PairBlock& block, F&& f) {
  for (const int *at = block.data(), *end = at + block.size(); at < end;) {
    const PairView pair(at);
    f(pair);
    at += pair.numbers().size();
  }
}

// Adds the pair to the last block, or to a new one where that would have more than `most` numbers.
// A longer pair has a block of its own.
void pack(PairView pair, std::size_t most, std::vector<PairBlock>& blocks);

struct TextSummary {
  std::size_t lines = 0;  // pairs read: those kept and those dropped
  std::size_t pairs = 0, dropped_empty = 0, dropped_long = 0;
  std::size_t source_tokens = 0, target_tokens = 0;  // end of sentence counted
  // Equal for the same ids in the same lines: tells whether texts or vocabularies have changed.
  std::uint64_t fingerprint = 0;

  void add(PairView pair);
};

// Pairs in memory. A sentence is a span that ends with the end of sentence.
class Corpus {
 public:
  Corpus() = default;
  // Pairs of a text with this summary: all, or a part of them.
  Corpus(std::vector<PairBlock> blocks, const TextSummary& text);

  std::size_t size() const { return locations_.size(); }
  std::span<const int> source(std::size_t i) const { return pair(i).source(); }
  std::span<const int> target(std::size_t i) const { return pair(i).target(); }
  std::span<const int> links(std::size_t i) const { return pair(i).links(); }
  std::size_t line(std::size_t i) const { return pair(i).line(); }  // in the files, from 1

  const TextSummary& text() const { return text_; }

  static constexpr std::size_t kBytesPerPair = 8;  // beside its numbers

 private:
  struct Location {
    std::uint32_t block, at;
  };
  static_assert(sizeof(Location) == kBytesPerPair);

  PairView pair(std::size_t i) const {
    return PairView(blocks_[locations_[i].block].data() + locations_[i].at);
  }

  std::vector<PairBlock> blocks_;
  std::vector<Location> locations_;
  TextSummary text_;
};

// Pairs of ids without their ends of sentence, none empty: line i + 1 is pair i.
Corpus corpus_of_ids(std::span<const std::vector<int>> sources, int source_end,
                     std::span<const std::vector<int>> targets, int target_end);

// Two files of which each line of one translates the same line of the other.
struct TextFiles {
  const fs::path &source, &target;
  const Tokenizer &source_tokenizer, &target_tokenizer;
  int max_length;  // most pieces of a side, the end of sentence not counted; 0: none is too long
  fs::path alignment = {};  // links between their words (base/links.h), from 0; empty: none
};

// Gives the pairs to `take` in their order, but for those with an empty or too long side, which are
// counted. One worker reads the next lines while the others encode. Error: as LineReader and
// parse_links; different numbers of lines; a link to a word that is not there; no pair left.
TextSummary read_pairs(const TextFiles& files, Pool& pool,
                       const std::function<void(PairView)>& take);

// All of them, in memory.
Corpus read_corpus(const fs::path& source, const fs::path& target, const Tokenizer& s,
                   const Tokenizer& t, int max_length, Pool& pool);

}  // namespace attn
