// Matrices with many equal columns, such as the embeddings of a batch's words. Each unique column
// is stored once, and its product is computed once.
#pragma once

#include <span>
#include <vector>

#include "math/gemm/weights.h"
#include "math/workspace.h"

namespace attn {

// The unique ids of a sequence, like torch.unique(ids, return_inverse=True).
class UniqueIds {
 public:
  // Sets the sequence.
  void assign(std::span<const int> ids);

  std::span<const int> values() const { return values_; }    // ascending
  std::span<const int> inverse() const { return inverse_; }  // the index in values() of each id

 private:
  std::vector<int> order_, values_, inverse_;
};

// A matrix given by its unique columns.
struct UniqueColumns {
  MatrixView values;  // [rows × unique columns]
  // The index of each column in `values`; empty: the columns are those of `values`.
  std::span<const int> inverse{};
};

// Computes y = W x. This and the next function throw Bug if shapes do not match.
void product(const Weights& w, Slot weight, const UniqueColumns& x, Out y, Workspace& ws);
// Adds the gradients of y = W x, where d is the gradient of y: gW += d xᵀ, and for each unique
// column dx += Wᵀ Σ d, summed over the columns that equal it.
void product_backward(const Weights& w, Slot weight, const UniqueColumns& x, In d,
                      WeightGradients g, Out dx, Workspace& ws);

}  // namespace attn
