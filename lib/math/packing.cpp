#include "math/packing.h"

#include "base/error.h"

namespace attn {

void Packing::assign(std::span<const int> lengths) {
  lengths_.assign(lengths.begin(), lengths.end());
  begins_.assign(1, 0);
  for (std::size_t i = 0; i < lengths_.size(); ++i)
    ATTN_CHECK(lengths_[i] > 0 && (i == 0 || lengths_[i] <= lengths_[i - 1]));
  auto alive = lengths_.size();
  for (int t = 0; alive > 0; ++t) {
    while (alive > 0 && lengths_[alive - 1] <= t) --alive;
    if (alive > 0) begins_.push_back(begins_.back() + static_cast<Index>(alive));
  }
}

}  // namespace attn
