// Sequences in step order without padding, longest first. Step t has the columns [begin(t),
// begin(t) + width(t)), one per sequence with more than t tokens. The sequences of step t + 1 are
// the first width(t + 1) sequences of step t.
#pragma once

#include <span>
#include <vector>

#include "math/matrix_view.h"

namespace attn {

class Packing {
 public:
  Packing() = default;
  explicit Packing(std::span<const int> lengths) { assign(lengths); }
  // Sets the lengths. Throws Bug if they are not in descending order or one is below 1.
  void assign(std::span<const int> lengths);

  int steps() const { return static_cast<int>(begins_.size()) - 1; }
  int sequences() const { return static_cast<int>(lengths_.size()); }
  Index columns() const { return begins_.back(); }  // the number of tokens
  int length(int sequence) const { return IndexSpan(lengths_)[sequence]; }
  Index begin(int t) const { return IndexSpan(begins_)[t]; }
  Index width(int t) const { return begin(t + 1) - begin(t); }
  // Returns the column of token t of a sequence.
  Index column(int sequence, int t) const { return begin(t) + sequence; }

  // Returns the columns of step t, a contiguous block, of a matrix [rows × columns()].
  template <class Matrix>
  auto step(Matrix&& m, int t) const {
    return m.columns(begin(t), width(t));
  }

 private:
  std::vector<int> lengths_;
  std::vector<Index> begins_ = {0};
};

}  // namespace attn
