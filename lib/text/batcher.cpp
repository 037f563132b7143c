#include "text/batcher.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace attn {
namespace {

void sort_buckets(const Corpus& corpus, std::size_t size, std::vector<std::uint32_t>& order) {
  const auto length = [&](std::uint32_t i) {
    return std::pair(corpus.target(i).size(), corpus.source(i).size());
  };
  const auto shorter = [&](std::uint32_t a, std::uint32_t b) { return length(a) < length(b); };
  const auto longer = [&](std::uint32_t a, std::uint32_t b) { return length(a) > length(b); };
  bool ascending = true;
  for (std::size_t begin = 0; begin < order.size(); begin += size, ascending = !ascending) {
    const std::span bucket = std::span(order).subspan(begin, std::min(size, order.size() - begin));
    if (ascending)
      std::stable_sort(bucket.begin(), bucket.end(), shorter);
    else
      std::stable_sort(bucket.begin(), bucket.end(), longer);
  }
}

}  // namespace

Batches make_batches(const Corpus& corpus, const BatchOptions& options, RandomKey key) {
  ATTN_CHECK(options.size > 0 && options.bucket_size >= 0);
  ATTN_CHECK(corpus.size() <= std::numeric_limits<std::uint32_t>::max());
  Batches batches;
  auto& order = batches.order_;
  order.resize(corpus.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  shuffle(order, key);
  sort_buckets(corpus, static_cast<std::size_t>(std::max(options.bucket_size, 1)), order);

  const auto size = static_cast<std::size_t>(options.size);
  std::size_t begin = 0, filled = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t more = options.by_tokens ? corpus.target(order[i]).size() : 1;
    if (i > begin && filled + more > size) {
      batches.ranges_.push_back({begin, i});
      begin = i;
      filled = 0;
    }
    filled += more;
  }
  if (begin < order.size()) batches.ranges_.push_back({begin, order.size()});
  shuffle(batches.ranges_, key.at("order"));
  return batches;
}

}  // namespace attn
