#include "math/gemm/weight_cache.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "math/buffer.h"
#include "math/gemm/bfloat16.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/product.h"

namespace attn {

using packed::DataType;
using packed::Word;

namespace {

// Words per block: 16 MiB. The unused end of a block occupies no physical memory.
constexpr Index kBlockWords = Index{1} << 22;

// Memory that is allocated in blocks and released all at once. Small weights share blocks, so that
// they use large pages.
class WordStorage {
 public:
  Word* take(Index size) {
    size = (size + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
    if (size >= kBlockWords) return large_.emplace_back(size, Pages::large).data();
    if (blocks_.empty() || used_ + size > kBlockWords)
      blocks_.emplace_back(kBlockWords, Pages::large), used_ = 0;
    used_ += size;
    return blocks_.back().data() + used_ - size;
  }
  void clear() { blocks_.clear(), large_.clear(); }

 private:
  static constexpr Index kWordsPerLine = static_cast<Index>(kAlignment / sizeof(Word));
  std::vector<BufferOf<Word>> blocks_, large_;
  Index used_ = 0;  // numbers in use in the last block
};

enum class Format { rows, columns, pairs_of_rows, pairs_of_columns, rounded };

struct CachedWeight {
  Word* words = nullptr;
  Index size = 0;
  long generation = 0;  // in which it was written
};

struct WeightCache {
  std::mutex mutex;
  int scopes = 0;       // number of FixedWeights that exist
  long generation = 0;  // incremented when a FixedWeights is constructed and no other exists
  std::map<std::pair<const float*, Format>, CachedWeight> weights;
  WordStorage storage;

  // Returns whether more than a fifth of the memory was not used in this generation. It probably
  // belongs to a model that no longer exists.
  bool is_stale() const {
    Index used = 0, unused = 0;
    for (const auto& [weight, cached] : weights)
      (cached.generation < generation ? unused : used) += cached.size;
    return 4 * unused > used;
  }
};

WeightCache& cache() {
  static WeightCache cache;
  return cache;
}

// Returns the weight in a format that `write` writes once per generation, or null if no
// FixedWeights exists.
template <class Write>
const Word* cached(const float* weight, Format format, Index size, Write write) {
  WeightCache& all = cache();
  const std::lock_guard lock(all.mutex);
  if (all.scopes == 0) return nullptr;
  CachedWeight& entry = all.weights[{weight, format}];
  if (entry.generation == all.generation) return entry.words;
  if (entry.size != size) entry.words = all.storage.take(entry.size = size);
  write(entry.words);
  entry.generation = all.generation;
  return entry.words;
}

thread_local int time_loops = 0;

}  // namespace

FixedWeights::FixedWeights() {
  WeightCache& c = cache();
  const std::lock_guard lock(c.mutex);
  if (c.scopes++ == 0) ++c.generation;
}

FixedWeights::~FixedWeights() {
  WeightCache& c = cache();
  const std::lock_guard lock(c.mutex);
  if (--c.scopes > 0) return;
  if (!c.is_stale()) return;
  c.weights.clear();
  c.storage.clear();
}

long weights_generation() {
  WeightCache& c = cache();
  const std::lock_guard lock(c.mutex);
  return c.scopes > 0 ? c.generation : 0;
}

TimeLoop::TimeLoop() {
  ++time_loops;
}

TimeLoop::~TimeLoop() {
  --time_loops;
}

bool in_time_loop() {
  return time_loops > 0;
}

const Word* packed_weight(DataType type, const StridedMatrix& weight, Index m, Index k) {
  if (!packed::available(type)) return nullptr;
  const bool floats = type == DataType::float32;
  const Format format = weight.row_major ? (floats ? Format::rows : Format::pairs_of_rows)
                                         : (floats ? Format::columns : Format::pairs_of_columns);
  return cached(weight.data, format, packed::size(type, m, k), [&](Word* to) {
    const auto pack = weight.row_major ? packed::pack_rows : packed::pack_columns;
    pack(type, weight.data, weight.stride, m, k, to);
  });
}

const std::uint16_t* rounded_weight(const float* weight, Index size) {
  return reinterpret_cast<const std::uint16_t*>(
      cached(weight, Format::rounded, (size + 1) / 2,
             [&](Word* to) { to_bfloat16(size, weight, reinterpret_cast<std::uint16_t*>(to)); }));
}

}  // namespace attn
