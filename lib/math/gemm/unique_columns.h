// Matrices of which many columns are equal, such as the embeddings of a batch's words: each
// distinct column stands once, and products are made of these alone.
#pragma once

#include <span>
#include <vector>

#include "math/params.h"
#include "math/workspace.h"

namespace attn {

// The distinct numbers of a sequence, ascending, and which of them each of its numbers is.
class UniqueIds {
 public:
  void assign(std::span<const int> numbers);

  std::span<const int> values() const { return values_; }
  std::span<const int> inverse() const { return inverse_; }

 private:
  std::vector<int> order_, values_, inverse_;
};

// To be made anew, not assigned: a View's assignment copies numbers.
struct UniqueColumns {
  View values;                     // [rows × distinct columns]
  std::span<const int> inverse{};  // of these, each column's; none: each column is its own
};

// y = W x. Bug, here and below: shapes that do not fit.
void product(const Params& w, Slot weight, const UniqueColumns& x, Out y, Workspace& ws);
// From y's gradient d: gW += d xᵀ and, for each distinct column, dx += Wᵀ Σ d.
void product_backward(const Params& w, Slot weight, const UniqueColumns& x, In d, Params& g, Out dx,
                      Workspace& ws);

}  // namespace attn
