// The contexts of heads and the context that is made of them:
//   one head    c_i = Σ_j α_ij h_j
//   H heads     c_i = W_o [c_i¹; …; c_iᴴ],   c_iᵏ = Σ_j α_ijᵏ V_k h_j     (Vaswani et al. 2017)
// Dropout applies to the α of the sums.
#pragma once

#include <vector>

#include "nn/attention/score_level.h"

namespace attn {

class HeadContexts {
 public:
  HeadContexts(Scope at, const AttentionOptions& options);
  void take_saved_rows(RowCounter& saved);

  // Returns the number of rows of V h_j of all heads; 0 for one head.
  Index content_rows() const { return w_content_.rows; }
  // Returns the number of rows of the context of one head.
  Index head_rows() const { return head_rows_; }

  // Computes memory.contents.
  void prepare(const Weights& w, EncoderOutput& memory) const;
  // Computes the contexts of one head for the columns of a group from its attention weights.
  void sum(const ColumnGroup& group, Index head, Workspace& ws) const;
  // Computes the context of all columns from those of the heads.
  void join(const Weights& w, const AttentionStep& step) const;

  // Returns the gradient of the contexts of all heads.
  In join_backward(const Weights& w, In dcontext, Out saved) const;
  // Computes the gradient of the attention weights [span × count] from that of the contexts.
  void sum_backward(const ColumnGroup& group, Index head, In dcontexts, Out dweights) const;
  // Adds the gradient of sum() to that of h_j or V h_j after all steps, with one product per source
  // and head.
  void accumulate_sums(const EncoderOutput& memory, const Packing& p, const AttentionStep& steps,
                       In dcontext, EncoderOutput& dmemory, Workspace& ws) const;
  // Adds the gradients of join() and prepare().
  void accumulate_projections(const Weights& w, const EncoderOutput& memory,
                              const AttentionStep& steps, In dcontext, EncoderOutput& dmemory,
                              WeightGradients g) const;

 private:
  struct TargetColumns;

  bool has_projections() const { return w_content_.rows > 0; }
  // Return what the heads sum for all words, and the sums for all columns. The rows of head k start
  // at k · head_rows().
  MatrixView values(const EncoderOutput& memory) const;
  Out contexts(const AttentionStep& step) const;
  template <class View>
  View of_head(View all, Index head) const {
    return all.row_range(head * head_rows_, head_rows_);
  }
  // Returns the values of the words of a group.
  In span_values(const ColumnGroup& group, Index head) const;
  void accumulate_target(const TargetColumns& target, const AttentionColumns& columns, Index head,
                         In dcontexts, Out dvalues, Workspace& ws) const;

  Index head_rows_;
  Slot w_content_, w_context_;          // without rows for one head
  Index contexts_ = 0, dcontexts_ = 0;  // first rows among the saved rows
  std::vector<Dropout> dropouts_;       // one per head
};

}  // namespace attn
