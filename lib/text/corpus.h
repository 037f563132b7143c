// Sentence pairs as token ids: reading two parallel text files, and the pairs in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/line_reader.h"
#include "base/parallel.h"
#include "text/tokenizer.h"

namespace attn {

// Consecutive sentence pairs as integers, in memory or in a file. A pair consists of
//   line number (low and high 32 bits), numbers of source tokens, target tokens and links,
//   source tokens, target tokens, links (source token, target token; sorted by target token).
using PairBlock = std::vector<int>;

constexpr std::size_t kPairBlockSize = std::size_t{1} << 16;  // integers per block: 256 KiB

// A view of one pair of a block.
class PairView {
 public:
  explicit PairView(const int* at) : at_(at) {}

  std::size_t line() const { return unsigned_at(0) | (unsigned_at(1) << 32U); }
  std::span<const int> source() const { return {at_ + kHeader, unsigned_at(2)}; }
  std::span<const int> target() const { return {at_ + kHeader + unsigned_at(2), unsigned_at(3)}; }
  std::span<const int> links() const {
    return {at_ + kHeader + unsigned_at(2) + unsigned_at(3), 2 * unsigned_at(4)};
  }
  // Returns all integers of the pair.
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

// Appends the pair to the last block, or to a new block if the last one would exceed `max_size`
// integers. A pair that is larger than `max_size` gets a block of its own.
void append_to_blocks(PairView pair, std::size_t max_size, std::vector<PairBlock>& blocks);

struct TextSummary {
  std::size_t lines = 0;  // pairs read: pairs + dropped_empty + dropped_long
  std::size_t pairs = 0, dropped_empty = 0, dropped_long = 0;
  std::size_t source_tokens = 0, target_tokens = 0;  // with the end of each sentence
  std::size_t longest_source = 0;                    // tokens of a sentence, without its end
  // A hash of all ids and line numbers. It differs if texts or vocabularies have changed.
  std::uint64_t fingerprint = 0;

  // Adds a pair to `pairs`, the numbers of tokens, the longest sentence and the fingerprint.
  void add(PairView pair);
};

// Sentence pairs in memory. Each sentence ends with the end-of-sentence token.
class Corpus {
 public:
  Corpus() = default;
  // `blocks` are all pairs of the text that `text` summarizes, or some of them.
  Corpus(std::vector<PairBlock> blocks, const TextSummary& text);

  std::size_t size() const { return locations_.size(); }
  std::span<const int> source(std::size_t i) const { return pair(i).source(); }
  std::span<const int> target(std::size_t i) const { return pair(i).target(); }
  std::span<const int> links(std::size_t i) const { return pair(i).links(); }
  // Returns the line number of the pair in the files, counted from 1.
  std::size_t line(std::size_t i) const { return pair(i).line(); }

  const TextSummary& text() const { return text_; }

  static constexpr std::size_t kBytesPerPair = 8;  // in addition to the block

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

// Returns a corpus of the given ids. `sources` and `targets` have no end-of-sentence tokens and are
// not empty; the ids `source_end` and `target_end` are appended. Line numbers count from 1.
Corpus corpus_of_ids(std::span<const std::vector<int>> sources, int source_end,
                     std::span<const std::vector<int>> targets, int target_end);

// Two files in which line i of one is the translation of line i of the other.
struct TextFiles {
  const fs::path &source, &target;
  const Tokenizer &source_tokenizer, &target_tokenizer;
  int max_length;  // maximum number of pieces per sentence, without its end; 0: no limit
  // Word alignments, counted from 0 (alignment/word_alignment.h); empty: none.
  fs::path alignment = {};
};

// Reads the files and passes each pair to `use`, in order. Pairs with an empty or too long side are
// dropped and counted. One worker reads the next lines while the others encode. Throws Error as
// LineReader and parse_links do, if the numbers of lines differ, if a link points past the end of a
// sentence, and if no pair remains.
TextSummary read_pairs(const TextFiles& files, Pool& pool,
                       const std::function<void(PairView)>& use);

// Calls `use` for each pair of a text, in order, and returns the summary.
using PairSource = std::function<TextSummary(const std::function<void(PairView)>& use)>;

// Returns all pairs of a text in memory.
Corpus collect_pairs(const PairSource& read);

// Returns all pairs of two files in memory. Throws Error as read_pairs does.
Corpus read_corpus(const fs::path& source, const fs::path& target, const Tokenizer& s,
                   const Tokenizer& t, int max_length, Pool& pool);

}  // namespace attn
