// Positional encodings of self-attention, which by itself does not depend on the order of words:
//   sinusoidal  adds p_t to the word at position t, counted from 0 (Vaswani et al. 2017, 3.5):
//               p_t,2i = sin(t / 10000^(2i/d)), p_t,2i+1 = cos(t / 10000^(2i/d))
//   learned     adds a learned p_t; positions from max_positions on share the last vector
//               (Gehring et al. 2017)
//   relative    adds learned vectors of the distance between two words to keys and values (Shaw et
//               al. 2018); see nn/self_attention.h
//   none        ignores the order of words
#pragma once

#include <memory>

#include "base/registry.h"
#include "math/gemm/weights.h"
#include "math/ops.h"

namespace attn {

// An encoding that adds a vector p_t to each word.
class PositionalEncoding {
 public:
  PositionalEncoding() = default;
  virtual ~PositionalEncoding() = default;
  PositionalEncoding(const PositionalEncoding&) = delete;
  PositionalEncoding& operator=(const PositionalEncoding&) = delete;

  // Computes p [d × n], the vectors p_0 … p_{n−1}.
  virtual void vectors(const Weights& w, Out p) const = 0;
  // Adds the gradients of the parameters, if any.
  virtual void backward(In /*dp*/, WeightGradients) const {}
};

struct PositionalEncodingKind {
  // Null: no vector is added.
  std::unique_ptr<PositionalEncoding> (*make)(Scope at, Index size, Index max_positions);
  bool is_relative = false;
};
// Returns the table of all positional encodings.
const Registry<PositionalEncodingKind>& positional_encodings();

}  // namespace attn
