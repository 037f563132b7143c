// How a layer of self-attention learns where a word stands: attention alone forgets the order of
// its words.
//   sinusoidal  p_t,2i = sin(t / 10000^(2i/d)), p_t,2i+1 = cos(…), is added to word t, from 0
//               (Vaswani et al. 2017, 3.5)
//   learned     a learned p_t for each of a declared number of max_positions is added (Gehring et
//   al.
//               2017); words further on have the last
//   relative    attention is told the distances between words (Shaw et al. 2018):
//               nn/self_attention
//   none        order is forgotten
#pragma once

#include <memory>

#include "base/registry.h"
#include "math/ops.h"

namespace attn {

// The p_t that are added to the words.
class PositionalEncoding {
 public:
  PositionalEncoding() = default;
  virtual ~PositionalEncoding() = default;
  PositionalEncoding(const PositionalEncoding&) = delete;
  PositionalEncoding& operator=(const PositionalEncoding&) = delete;

  // p [d × n]: p_0 … p_{n−1}.
  virtual void vectors(const Params& w, Out p) const = 0;
  virtual void backward(In /*dp*/, Params&) const {}
};

struct PositionalEncodingKind {
  std::unique_ptr<PositionalEncoding> (*make)(Scope at, Index size,
                                              Index max_positions);  // null: adds nothing
  bool relative = false;
};
const Registry<PositionalEncodingKind>& positional_encodings();

}  // namespace attn
