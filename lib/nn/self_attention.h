// Multi-head self-attention (Vaswani et al. 2017, 3.2). Each word of a sentence attends to all
// words of the sentence:
//   [q_i; k_i; v_i] = W x_i, of size d each per head
//   e_ij = q_i·k_j / √d     α_i = softmax(e_i)     z_i = Σ_j α_ij v_j     y_i = W_o [z_i¹; …; z_iᴴ]
// Relative positions (Shaw et al. 2018, eq. 3 and 4) add vectors of the distance j − i, clipped to
// [−K, K], to keys and values. All heads of a layer share these vectors:
//   e_ij = q_i·(k_j + a_{j−i}) / √d     z_i = Σ_j α_ij (v_j + b_{j−i})
#pragma once

#include <algorithm>

#include "math/gemm/product.h"
#include "nn/sublayer.h"

namespace attn {

struct SelfAttentionOptions {
  Index size = 0;                   // size of x and y
  int heads = 1;                    // must divide `size`
  Index max_relative_position = 0;  // K; 0: without relative positions
  double dropout = 0;               // dropout of the attention weights
};

class SelfAttention : public Sublayer {
 public:
  SelfAttention(Scope at, const SelfAttentionOptions& o);

  Index saved_rows() const override { return 4 * size_; }
  void forward(const Weights& w, const SentenceColumns& s, In x, Out y, Saved& saved,
               Workspace& ws) const override;
  void backward(const Weights& w, const SentenceColumns& s, In x, In dy, Saved& saved,
                WeightGradients g, Out dx, Workspace& ws) const override;
  std::vector<Mat> weights(const Saved& saved) const override;

 private:
  // The rows of one head for all words, or their gradients.
  struct HeadViews {
    MatrixView q, k, v, z;
  };
  HeadViews head_views(MatrixView projected, MatrixView joined, Index head) const;

  // Computes x.z and the attention weights α [words × words] of each sentence, one column per
  // query.
  void attend(const Weights& w, const SentenceColumns& s, Index head, const HeadViews& x,
              Real* weights, Workspace& ws) const;
  void attend_backward(const Weights& w, const SentenceColumns& s, Index head, const HeadViews& x,
                       const HeadViews& dx, Real* weights, WeightGradients g, Workspace& ws) const;
  // Applies dropout to the attention weights of sentence b, or to their gradient.
  void apply_dropout(const SentenceColumns& s, Index head, Index b, Out weights) const;

  // Returns the number of distinct clipped distances, or 0 without relative positions.
  Index distances() const { return relative_key_.rows; }
  // Returns the row of the vectors of the distance from query i to key j.
  Index distance_row(Index i, Index j) const {
    return std::clamp(j - i, -max_relative_position_, max_relative_position_) +
           max_relative_position_;
  }
  // For one sentence: adds to by_word(j, i), of key j and query i, the entry of by_distance for the
  // distance from i to j. Its transpose sums by_word into by_distance.
  void add_by_distance(In by_distance, Out by_word) const;
  void sum_by_distance(In by_word, Out by_distance) const;

  Index size_, head_size_, max_relative_position_;
  Slot projection_, output_, relative_key_, relative_value_;
  std::vector<Dropout> dropout_;  // one per head
};

}  // namespace attn
