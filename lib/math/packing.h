// Sequences without padding, longest first: step t owns the columns [begin(t), begin(t) +
// width(t)), and the sequences alive at t + 1 are the first width(t + 1) of those alive at t.
#pragma once

#include <span>
#include <vector>

#include "math/types.h"

namespace attn {

class Packing {
 public:
  Packing() = default;
  explicit Packing(std::span<const int> lengths) { assign(lengths); }
  void assign(std::span<const int> lengths);  // Bug unless longest first and none below 1

  int steps() const { return static_cast<int>(begins_.size()) - 1; }
  int sequences() const { return static_cast<int>(lengths_.size()); }
  Index columns() const { return begins_.back(); }  // all tokens
  int length(int sequence) const { return lengths_[static_cast<std::size_t>(sequence)]; }
  Index begin(int t) const { return begins_[static_cast<std::size_t>(t)]; }
  Index width(int t) const { return begin(t + 1) - begin(t); }
  Index column(int sequence, int t) const { return begin(t) + sequence; }

  // Step t's columns of a matrix [rows × columns()]: contiguous.
  template <class Matrix>
  auto step(Matrix&& m, int t) const {
    return m.middleCols(begin(t), width(t));
  }

 private:
  std::vector<int> lengths_;
  std::vector<Index> begins_ = {0};
};

}  // namespace attn
