#include "math/packed_weights.h"

#include <map>
#include <mutex>
#include <utility>

#include "math/packed.h"
#include "math/product.h"

namespace attn {
namespace {

struct Packed {
  Eigen::ArrayXf panels;
  long era = 0;  // in which it was packed
};

struct Kept {
  std::mutex mutex;
  int living = 0;  // FixedWeights
  long era = 0;    // a new one begins when the first of them comes to life
  std::map<std::pair<const float*, bool>, Packed> weights;
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

// What this era did not use belongs to a model that is gone.
FixedWeights::~FixedWeights() {
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  if (--k.living > 0) return;
  std::erase_if(k.weights, [&](const auto& entry) { return entry.second.era < k.era; });
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

const float* packed_weight(const Laid& weight, Index m, Index k) {
  if (time_loops == 0 || !packed::available()) return nullptr;
  Kept& all = kept();
  const std::lock_guard lock(all.mutex);
  if (all.living == 0) return nullptr;
  Packed& packed = all.weights[{weight.data, weight.by_rows}];
  if (packed.era < all.era) {
    packed.panels.resize(packed::size(m, k));
    const auto pack = weight.by_rows ? packed::pack_rows : packed::pack_columns;
    pack(weight.data, weight.stride, m, k, packed.panels.data());
    packed.era = all.era;
  }
  return packed.panels.data();
}

}  // namespace attn
