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

constexpr Index kStorageBlock = Index{1}
                                << 22;  // words; what is not taken of a block costs nothing

// EncoderOutput that is taken piece by piece and given back at once: most weights are small, and
// together they fill large pages.
class Store {
 public:
  Word* take(Index size) {
    size = (size + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
    if (size >= kStorageBlock) return large_.emplace_back(size, Pages::large).data();
    if (blocks_.empty() || used_ + size > kStorageBlock)
      blocks_.emplace_back(kStorageBlock, Pages::large), used_ = 0;
    used_ += size;
    return blocks_.back().data() + used_ - size;
  }
  void clear() { blocks_.clear(), large_.clear(); }

 private:
  static constexpr Index kWordsPerLine = static_cast<Index>(kAlignment / sizeof(Word));
  std::vector<BufferOf<Word>> blocks_, large_;
  Index used_ = 0;  // of the last block
};

enum class Form { rows, columns, pairs_of_rows, pairs_of_columns, rounded };

struct Packed {
  Word* words = nullptr;
  Index size = 0;
  long era = 0;  // in which it was packed
};

struct Kept {
  std::mutex mutex;
  int living = 0;  // FixedWeights
  long era = 0;    // a new one begins when the first of them comes to life
  std::map<std::pair<const float*, Form>, Packed> weights;
  Store store;

  // What an era did not use belongs to a model that is gone, unless it is little.
  bool is_stale() const {
    Index used = 0, unused = 0;
    for (const auto& [weight, packed] : weights) (packed.era < era ? unused : used) += packed.size;
    return 4 * unused > used;
  }
};

Kept& kept() {
  static Kept kept;
  return kept;
}

// The weight in a form that `make` writes, once an era; null where no FixedWeights lives.
template <class Make>
const Word* keep(const float* weight, Form form, Index size, Make make) {
  Kept& all = kept();
  const std::lock_guard lock(all.mutex);
  if (all.living == 0) return nullptr;
  Packed& packed = all.weights[{weight, form}];
  if (packed.era == all.era) return packed.words;
  if (packed.size != size) packed.words = all.store.take(packed.size = size);
  make(packed.words);
  packed.era = all.era;
  return packed.words;
}

thread_local int time_loops = 0;

}  // namespace

FixedWeights::FixedWeights() {
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  if (k.living++ == 0) ++k.era;
}

FixedWeights::~FixedWeights() {
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  if (--k.living > 0) return;
  if (!k.is_stale()) return;
  k.weights.clear();
  k.store.clear();
}

long weights_generation() {
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  return k.living > 0 ? k.era : 0;
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

const Word* packed_weight(DataType numbers, const StridedMatrix& weight, Index m, Index k) {
  if (!packed::available(numbers)) return nullptr;
  const bool floats = numbers == DataType::float32;
  const Form form = weight.by_rows ? (floats ? Form::rows : Form::pairs_of_rows)
                                   : (floats ? Form::columns : Form::pairs_of_columns);
  return keep(weight.data, form, packed::size(numbers, m, k), [&](Word* to) {
    const auto pack = weight.by_rows ? packed::pack_rows : packed::pack_columns;
    pack(numbers, weight.data, weight.stride, m, k, to);
  });
}

const std::uint16_t* rounded_weight(const float* weight, Index size) {
  return reinterpret_cast<const std::uint16_t*>(
      keep(weight, Form::rounded, (size + 1) / 2,
           [&](Word* to) { to_bfloat16(size, weight, reinterpret_cast<std::uint16_t*>(to)); }));
}

}  // namespace attn
