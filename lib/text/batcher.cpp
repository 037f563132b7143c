#include "text/batcher.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/index_span.h"

namespace attn {
namespace {

void sort_buckets(const Corpus& corpus, Index size, IndexSpan<std::uint32_t> order) {
  const auto length = [&](std::uint32_t i) {
    return std::pair(corpus.target(i).size(), corpus.source(i).size());
  };
  const auto shorter = [&](std::uint32_t a, std::uint32_t b) { return length(a) < length(b); };
  const auto longer = [&](std::uint32_t a, std::uint32_t b) { return length(a) > length(b); };
  bool ascending = true;
  for (const IndexSpan bucket : chunks(order, size)) {
    if (ascending)
      std::stable_sort(bucket.begin(), bucket.end(), shorter);
    else
      std::stable_sort(bucket.begin(), bucket.end(), longer);
    ascending = !ascending;
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
  if (options.bucket_size > 1) sort_buckets(corpus, options.bucket_size, order);

  std::size_t begin = 0;
  Index filled = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Index more = options.by_tokens ? std::ssize(corpus.target(order[i])) : 1;
    if (i > begin && filled + more > options.size) {
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
