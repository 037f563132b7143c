#include "text/chunked_corpus.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace attn {
namespace {

// The memory of a pair in addition to its block: its location in the corpus, and its index in the
// order of the batches.
constexpr std::size_t kBytesPerPair = Corpus::kBytesPerPair + sizeof(std::uint32_t);

}  // namespace

const Corpus& ChunkedCorpus::corpus() const {
  ATTN_CHECK(in_memory());
  return corpus_;
}

std::size_t ChunkedCorpus::chunks() const {
  if (in_memory()) return 1;
  return (blocks_.size() + blocks_per_chunk_ - 1) / blocks_per_chunk_;
}

Corpus ChunkedCorpus::chunk(std::size_t number, RandomKey epoch) const {
  const std::size_t all = blocks_.size(), count = chunks();
  ATTN_CHECK(!in_memory() && number < count);
  std::vector<std::uint32_t> order(all);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  shuffle(order, epoch.at("blocks"));
  // Chunks have equal numbers of blocks. The blocks of a chunk are read in the order of the file.
  const std::size_t first = number * all / count, end = (number + 1) * all / count;
  const std::span selected = std::span(order).subspan(first, end - first);
  std::sort(selected.begin(), selected.end());
  std::vector<PairBlock> blocks;
  for (const auto i : selected) {
    const auto [begin, size] = blocks_[i];
    file_->read(begin * sizeof(int), std::as_writable_bytes(std::span(blocks.emplace_back(size))));
  }
  return {std::move(blocks), summary()};
}

// Collects pairs in memory, and in the file once they exceed the allowed memory.
class ChunkedCorpusWriter {
 public:
  explicit ChunkedCorpusWriter(const CorpusStorage& storage) : storage_(storage) {}

  void add(PairView pair) {
    append_to_blocks(pair, storage_.block, blocks_);
    ++pairs_, numbers_ += pair.numbers().size();
    if (!text_.file_ && bytes(numbers_, pairs_) > storage_.memory)
      text_.file_.emplace(storage_.directory);
    if (text_.file_ && blocks_.size() > 1) write(blocks_.size() - 1);
  }

  ChunkedCorpus finish(const TextSummary& summary) {
    if (text_.file_) {
      write(blocks_.size());
      text_.blocks_per_chunk_ = std::max<std::size_t>(1, storage_.memory / largest_);
    }
    text_.corpus_ = Corpus(std::move(blocks_), summary);
    return std::move(text_);
  }

 private:
  static std::size_t bytes(std::size_t numbers, std::size_t pairs) {
    return numbers * sizeof(int) + pairs * kBytesPerPair;
  }

  // Moves the first `count` blocks to the file.
  void write(std::size_t count) {
    for (std::size_t b = 0; b < count; ++b) {
      std::size_t pairs = 0;
      for_each_pair(blocks_[b], [&](PairView) { ++pairs; });
      largest_ = std::max(largest_, bytes(blocks_[b].size(), pairs));
      text_.blocks_.push_back({written_, blocks_[b].size()});
      text_.file_->append(std::as_bytes(std::span(blocks_[b])));
      written_ += blocks_[b].size();
    }
    blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  const CorpusStorage& storage_;
  ChunkedCorpus text_;
  std::vector<PairBlock> blocks_;
  std::size_t pairs_ = 0, numbers_ = 0;
  std::uint64_t written_ = 0;
  std::size_t largest_ = 0;  // memory of the largest block
};

ChunkedCorpus collect_chunked_corpus(const PairSource& read, const CorpusStorage& storage) {
  ChunkedCorpusWriter writer(storage);
  const TextSummary summary = read([&](PairView pair) { writer.add(pair); });
  return writer.finish(summary);
}

ChunkedCorpus read_chunked_corpus(const TextFiles& files, const CorpusStorage& storage,
                                  Pool& pool) {
  return collect_chunked_corpus([&](const auto& use) { return read_pairs(files, pool, use); },
                                storage);
}

}  // namespace attn
