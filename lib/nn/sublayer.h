// The interface of the sublayers of a Transformer layer, each of which has a residual connection
// around it.
#pragma once

#include <span>
#include <vector>

#include "math/gemm/weights.h"
#include "math/ops.h"
#include "math/workspace.h"
#include "nn/dropout.h"

namespace attn {

// A batch in sentence order: sentence b owns the columns [begins[b], begins[b + 1]).
struct SentenceColumns {
  IndexSpan<const Index> begins;
  IndexSpan<const std::uint64_t> example_ids;
  DropoutContext noise;

  Index sentences() const { return begins.size() - 1; }
  Index begin(Index b) const { return begins[b]; }
  Index length(Index b) const { return begin(b + 1) - begin(b); }
};

class Sublayer {
 public:
  // Matrices in the workspace that forward() saves for backward(). Each implementation has its own
  // order.
  using Saved = std::vector<MatrixView>;

  Sublayer() = default;
  virtual ~Sublayer() = default;
  Sublayer(const Sublayer&) = delete;
  Sublayer& operator=(const Sublayer&) = delete;

  // Returns the approximate number of saved values per token.
  virtual Index saved_rows() const = 0;

  // Computes y = f(x), both [size × words], and saves what backward() needs.
  virtual void forward(const Weights& w, const SentenceColumns& s, In x, Out y, Saved& saved,
                       Workspace& ws) const = 0;
  // Adds the gradient of the input to dx and the gradients of the parameters to g. `dy` is the
  // gradient of the output. May overwrite `saved`.
  virtual void backward(const Weights& w, const SentenceColumns& s, In x, In dy, Saved& saved,
                        WeightGradients g, Out dx, Workspace& ws) const = 0;

  // Returns the attention weights of each head [keys × queries] after a forward pass over one
  // sentence. Empty for sublayers without attention.
  virtual std::vector<Mat> weights(const Saved& /*saved*/) const { return {}; }
};

}  // namespace attn
