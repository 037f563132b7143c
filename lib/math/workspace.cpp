#include "math/workspace.h"

#include <algorithm>

namespace attn {

View Workspace::take(Index rows, Index cols) {
  const Index size = whole_lines(std::max<Index>(rows * cols, 1));
  while (block_ < blocks_.size() && used_ + size > blocks_[block_].size()) ++block_, used_ = 0;
  if (block_ == blocks_.size()) blocks_.emplace_back(std::max({size, capacity(), Index{1} << 16}));
  Real* data = blocks_[block_].data() + used_;
  used_ += size;
  return View(data, rows, cols, Eigen::OuterStride<>(std::max<Index>(rows, 1)));
}

View Workspace::zeros(Index rows, Index cols) {
  View m = take(rows, cols);
  m.setZero();
  return m;
}

void Workspace::reset() {
  if (blocks_.size() > 1) {
    const Index size = capacity();
    blocks_.clear();
    blocks_.emplace_back(size);
  }
  block_ = 0, used_ = 0;
}

Index Workspace::capacity() const {
  Index sum = 0;
  for (const auto& block : blocks_) sum += block.size();
  return sum;
}

}  // namespace attn
