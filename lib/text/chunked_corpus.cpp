#include "text/chunked_corpus.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace attn {
namespace {

// Beside its numbers: its location in the corpus and in the order of the batches.
constexpr std::size_t kBytesPerPair = Corpus::kBytesPerPair + sizeof(std::uint32_t);

}  // namespace

const Corpus& ChunkedCorpus::corpus() const {
  ATTN_CHECK(in_memory());
  return corpus_;
}

std::size_t ChunkedCorpus::windows() const {
  if (in_memory()) return 1;
  return (blocks_.size() + blocks_per_chunk_ - 1) / blocks_per_chunk_;
}

Corpus ChunkedCorpus::window(std::size_t number, RandomKey epoch) const {
  const std::size_t all = blocks_.size(), count = windows();
  ATTN_CHECK(!in_memory() && number < count);
  std::vector<std::uint32_t> order(all);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  shuffle(order, epoch.at("blocks"));
  // Windows of equal size, read in the order of the file.
  const std::span mine = std::span(order).subspan(
      number * all / count, (number + 1) * all / count - number * all / count);
  std::sort(mine.begin(), mine.end());
  std::vector<PairBlock> blocks;
  for (const auto i : mine) {
    const auto [begin, size] = blocks_[i];
    file_->read(begin * sizeof(int), std::as_writable_bytes(std::span(blocks.emplace_back(size))));
  }
  return {std::move(blocks), summary()};
}

// Collects pairs in memory, and from when they are too many on in the file.
class TextWriter {
 public:
  explicit TextWriter(const TextStore& store) : store_(store) {}

  void add(PairView pair) {
    pack(pair, store_.block, blocks_);
    ++pairs_, numbers_ += pair.numbers().size();
    if (!text_.file_ && bytes(numbers_, pairs_) > store_.memory) text_.file_.emplace(store_.folder);
    if (text_.file_ && blocks_.size() > 1) write(blocks_.size() - 1);
  }

  ChunkedCorpus finish(const TextSummary& summary) {
    if (text_.file_) {
      write(blocks_.size());
      text_.blocks_per_chunk_ = std::max<std::size_t>(1, store_.memory / largest_);
    }
    text_.corpus_ = Corpus(std::move(blocks_), summary);
    return std::move(text_);
  }

 private:
  static std::size_t bytes(std::size_t numbers, std::size_t pairs) {
    return numbers * sizeof(int) + pairs * kBytesPerPair;
  }

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

  const TextStore& store_;
  ChunkedCorpus text_;
  std::vector<PairBlock> blocks_;
  std::size_t pairs_ = 0, numbers_ = 0;
  std::uint64_t written_ = 0;
  std::size_t largest_ = 0;  // bytes that a block takes in a window
};

ChunkedCorpus read_chunked_corpus(const TextFiles& files, const TextStore& store, Pool& pool) {
  TextWriter writer(store);
  const TextSummary summary = read_pairs(files, pool, [&](PairView pair) { writer.add(pair); });
  return writer.finish(summary);
}

}  // namespace attn
