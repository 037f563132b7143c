// Self-attention with several heads (Vaswani et al. 2017, 3.2): every word asks every word of its
// sentence.
//   [q_i; k_i; v_i] = W x_i, of each head its own rows, d of each
//   e_ij = q_i·k_j / √d     α_i = softmax(e_i)     z_i = Σ_j α_ij v_j     y_i = W_o [z_i¹; …; z_iᴴ]
// Relative positions (Shaw et al. 2018, eq. 3 and 4) add a vector of the distance j − i, clipped to
// K on either side, to keys and values; a layer has one set of them for all heads:
//   e_ij = q_i·(k_j + a_{j−i}) / √d     z_i = Σ_j α_ij (v_j + b_{j−i})
#pragma once

#include <algorithm>

#include "math/gemm/product.h"
#include "nn/sublayer.h"

namespace attn {

struct SelfAttentionOptions {
  Index size = 0;                   // of x and y
  int heads = 1;                    // divides the size
  Index max_relative_position = 0;  // K; 0: without
  double dropout = 0;               // of the weights
};

class SelfAttention : public Sublayer {
 public:
  SelfAttention(Scope at, const SelfAttentionOptions& o);

  Index saved_rows() const override { return 4 * size_; }
  void forward(const Params& w, const SentenceColumns& s, In x, Out y, Kept& kept,
               Workspace& ws) const override;
  void backward(const Params& w, const SentenceColumns& s, In x, In dy, Kept& kept, Params& g,
                Out dx, Workspace& ws) const override;
  std::vector<Mat> weights(const Kept& kept) const override;

 private:
  // Rows of one head, of all words; or their gradients.
  struct HeadViews {
    View q, k, v, z;
  };
  HeadViews head_views(const View& projected, const View& joined, Index head) const;

  // weights: of each sentence α [S × S], a column for each word that asks.
  void attend(const Params& w, const SentenceColumns& s, Index head, const HeadViews& x,
              Real* weights, Workspace& ws) const;
  void attend_backward(const Params& w, const SentenceColumns& s, Index head, const HeadViews& x,
                       const HeadViews& dx, Real* weights, Params& g, Workspace& ws) const;
  void drop(const SentenceColumns& s, Index head, Index b, Out weights) const;

  Index distances() const { return relative_key_.rows; }
  // The row of the distance from i, which asks, to j.
  Index row_of(Index i, Index j) const {
    return std::clamp(j - i, -max_relative_position_, max_relative_position_) +
           max_relative_position_;
  }
  // Of one sentence: to what each word has for each word, what it has for the distance; and back.
  void add_by_distance(In of_distances, Out of_words) const;
  void sum_by_distance(In of_words, Out of_distances) const;

  Index size_, head_size_, max_relative_position_;
  Slot projection_, output_, relative_key_, relative_value_;
  std::vector<Dropout> dropout_;  // of each head's weights
};

}  // namespace attn
