#include "math/workspace.h"

#include <algorithm>

namespace attn {

MatrixView Workspace::take(Index rows, Index cols) {
  const Index size = whole_lines(std::max<Index>(rows * cols, 1));
  while (block_ < blocks_.size() && used_ + size > blocks_[block_].size()) ++block_, used_ = 0;
  if (block_ == blocks_.size()) blocks_.emplace_back(std::max({size, capacity(), Index{1} << 16}));
  Real* data = blocks_[block_].data() + used_;
  used_ += size;
  return MatrixView(data, rows, cols, std::max<Index>(rows, 1));
}

MatrixView Workspace::zeros(Index rows, Index cols) {
  MatrixView m = take(rows, cols);
  m.set_zero();
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
