// What single-level and two-level attention share: for each group of columns and each head, a step
// computes attention weights and a context.
#pragma once

#include "nn/attention/multi_head.h"

namespace attn {

class ScoredAttention : public Attention {
 public:
  void prepare(const Weights& w, EncoderOutput& memory) const override;
  void step(const Weights& w, const EncoderOutput& memory, const AttentionStep& step,
            Workspace& ws) const override;
  void step_backward(const Weights& w, const EncoderOutput& memory, const AttentionStep& step,
                     const AttentionStepGrad& d, WeightGradients g, Workspace& ws) const override;
  void accumulate(const Weights& w, const EncoderOutput& memory, const Packing& p,
                  const AttentionStep& steps, In dcontexts, EncoderOutput& dmemory,
                  WeightGradients g, Workspace& ws) const override;

 protected:
  ScoredAttention(Scope at, const AttentionOptions& options);

  // Computes the weights [span × count] of a head, before the window reweights them.
  virtual void compute_weights(const Weights& w, const ColumnGroup& group, Index head, Out weights,
                               Workspace& ws) const = 0;
  // Adds the gradients of compute_weights() to d and g. d.denergies is the gradient of the weights.
  // May overwrite it and the weights.
  virtual void weights_backward(const Weights& w, const ColumnGroup& group, Index head, Out weights,
                                const EnergiesGrad& d, WeightGradients g, Workspace& ws) const = 0;

  const ScoreLevel& words() const { return levels_[0]; }
  const ScoreLevel& segments() const { return levels_[1]; }
  const Normalizer& normalizer() const { return *normalizer_; }
  // Replaces energies [words × count] of a head by attention weights.
  void normalize(const ColumnGroup& group, Index head, Out energies) const;
  // Replaces the gradient d of the weights by that of the energies. `energies` may be empty, except
  // for stochastic normalizers.
  void normalize_backward(const ColumnGroup& group, Index head, In energies, In weights,
                          Out d) const;

 private:
  // The gradients of the columns of a step.
  struct StepGrad {
    In dcontexts;  // of all heads
    Out dqueries;  // of all levels
    const AttentionStepGrad& inputs;
  };

  Span span_of(const EncoderOutput& memory, const AttentionStep& step, Index column) const;
  // Returns the group that begins at a column.
  ColumnGroup group_at(const EncoderOutput& memory, const AttentionStep& step, Index begin) const;
  // Returns the operations of the energies of a group and one head, and of the context.
  Index energy_operations(const ColumnGroup& group) const;
  Index context_operations(const ColumnGroup& group) const;
  Out window_rows(Out saved) const;
  Out dwindow_rows(Out saved) const;
  void attend(const Weights& w, const ColumnGroup& group, Index head, Workspace& ws) const;
  void attend_backward(const Weights& w, const ColumnGroup& group, Index head, const StepGrad& d,
                       WeightGradients g, Workspace& ws) const;

  std::unique_ptr<Normalizer> normalizer_;
  std::unique_ptr<AttentionWindow> window_;
  HeadContexts contexts_;
  std::vector<ScoreLevel> levels_;  // the words and, in two-level attention, the segments
  Index query_rows_;                // rows of the queries of all levels, the first saved rows
  Index window_row_, dwindow_row_;  // first saved rows of the window and of its gradient
};

}  // namespace attn
