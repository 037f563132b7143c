#include "train/tree_sum.h"

#include <algorithm>

#include "math/ops.h"

namespace attn {

void tree_sum(std::span<Params> arenas, Index offset, Index size) {
  if (arenas.size() == 1) return;
  const auto left = arenas.first(arenas.size() / 2), right = arenas.subspan(left.size());
  tree_sum(left, offset, size);
  tree_sum(right, offset, size);
  Real* numbers = right.front().flat().data() + offset;
  add(size, numbers, left.front().flat().data() + offset);
  std::fill_n(numbers, size, Real(0));
}

}  // namespace attn
