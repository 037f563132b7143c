// Half a layer of self-attention: what a residual connection goes around.
#pragma once

#include <span>
#include <vector>

#include "math/ops.h"
#include "math/workspace.h"
#include "nn/dropout.h"

namespace attn {

// Words in sentence order: sentence b owns the columns [begins[b], begins[b + 1]).
struct SentenceColumns {
  std::span<const Index> begins;
  std::span<const std::uint64_t> example_ids;
  DropoutContext noise;

  Index sentences() const { return static_cast<Index>(begins.size()) - 1; }
  Index begin(Index b) const { return begins[static_cast<std::size_t>(b)]; }
  Index length(Index b) const { return begin(b + 1) - begin(b); }
};

class Sublayer {
 public:
  // Matrices that forward takes from the workspace for backward, each kind in its own order.
  using Kept = std::vector<View>;

  Sublayer() = default;
  virtual ~Sublayer() = default;
  Sublayer(const Sublayer&) = delete;
  Sublayer& operator=(const Sublayer&) = delete;

  virtual Index saved_rows() const = 0;  // numbers kept for a word, about

  virtual void forward(const Params& w, const SentenceColumns& s, In x, Out y, Kept& kept,
                       Workspace& ws) const = 0;
  // Adds to dx and g.
  virtual void backward(const Params& w, const SentenceColumns& s, In x, In dy, Kept& kept,
                        Params& g, Out dx, Workspace& ws) const = 0;

  // Of a pass over one sentence the weights of each head [words × words that look]; none: it does
  // not attend.
  virtual std::vector<Mat> weights(const Kept& /*kept*/) const { return {}; }
};

}  // namespace attn
