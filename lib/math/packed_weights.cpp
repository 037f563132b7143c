#include "math/packed_weights.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "math/buffer.h"
#include "math/packed.h"
#include "math/product.h"

namespace attn {
namespace {

constexpr Index kBlock = Index{1} << 22;  // floats; what is not taken of a block costs nothing

// Memory that is taken piece by piece and given back at once: most weights are small, and together
// they fill large pages.
class Store {
 public:
  float* take(Index size) {
    size = (size + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine;
    if (size >= kBlock) return large_.emplace_back(size, Pages::large).data();
    if (blocks_.empty() || used_ + size > kBlock)
      blocks_.emplace_back(kBlock, Pages::large), used_ = 0;
    used_ += size;
    return blocks_.back().data() + used_ - size;
  }
  void clear() { blocks_.clear(), large_.clear(); }

 private:
  static constexpr Index kFloatsPerLine = static_cast<Index>(kAlignment / sizeof(float));
  std::vector<BufferOf<float>> blocks_, large_;
  Index used_ = 0;  // of the last block
};

struct Packed {
  float* panels = nullptr;
  Index size = 0;
  long era = 0;  // in which it was packed
};

struct Kept {
  std::mutex mutex;
  int living = 0;  // FixedWeights
  long era = 0;    // a new one begins when the first of them comes to life
  std::map<std::pair<const float*, bool>, Packed> weights;
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

long fixed_weights_era() {
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

const float* packed_weight(const Laid& weight, Index m, Index k) {
  if (!packed::available()) return nullptr;
  Kept& all = kept();
  const std::lock_guard lock(all.mutex);
  if (all.living == 0) return nullptr;
  Packed& packed = all.weights[{weight.data, weight.by_rows}];
  if (packed.era < all.era) {
    if (packed.size != packed::size(m, k)) {
      packed.size = packed::size(m, k);
      packed.panels = all.store.take(packed.size);
    }
    const auto pack = weight.by_rows ? packed::pack_rows : packed::pack_columns;
    pack(weight.data, weight.stride, m, k, packed.panels);
    packed.era = all.era;
  }
  return packed.panels;
}

}  // namespace attn
