// The scores of all heads for one level of attention: the words of the sources, or their segments.
// With projections, the score of head k compares the rows k of Q q and K h:
//   e_ijᵏ = score_k(Q_k q_i, K_k h_j)
#pragma once

#include <utility>
#include <vector>

#include "nn/attention/column_group.h"

namespace attn {

// Numbers rows consecutively.
struct RowCounter {
  Index rows = 0;
  // Returns the first of the next `count` rows.
  Index take(Index count) { return std::exchange(rows, rows + count); }
};

// The gradients of energies. All are accumulated into, except denergies.
struct EnergiesGrad {
  Out denergies;                    // [span × count]; overwritten
  Out dqueries;                     // [query rows of all levels × columns of the step]
  const AttentionStepGrad& inputs;  // of the keys and of the coverage
};

class ScoreLevel {
 public:
  enum class Unit { words, segments };

  // Adds the rows of the queries to `queries`, and sets `rows`.
  ScoreLevel(Scope at, const AttentionOptions& options, Unit unit, RowCounter& queries,
             LevelRows& rows);
  // Adds the other rows that are saved. The rows of the queries of all levels are the first ones.
  void take_saved_rows(RowCounter& saved);

  // Returns how many words at the beginning of a source can have a weight.
  Index max_positions() const { return heads_[0].score.max_positions; }
  // Returns the floating-point operations of the energies of one query and one head.
  Index operations(const EncoderOutput& memory, Index source) const;

  // Computes keys and projections of the level from its values.
  void prepare(const Weights& w, EncoderOutput& memory) const;
  // Computes the queries of a step.
  void queries(const Weights& w, In states, Out saved) const;
  // Computes the energies [span × count] of the queries of a group and the words or segments `span`
  // of its source.
  void energies(const Weights& w, const ColumnGroup& group, Index head, const Span& span,
                Out energies) const;

  // Adds the gradients of energies() to d and, for the vectors of the scores, to g.
  void energies_backward(const Weights& w, const ColumnGroup& group, Index head, const Span& span,
                         const EnergiesGrad& d, WeightGradients g) const;
  // Adds the gradient of queries() to dstates, and replaces the saved queries by their gradients.
  void queries_backward(const Weights& w, In states, In dqueries, Out saved, Out dstates) const;
  // Adds the gradients of prepare() to dmemory and those of the matrices to g, after the backward
  // passes of all steps.
  void accumulate(const Weights& w, const EncoderOutput& memory, const AttentionStep& steps,
                  EncoderOutput& dmemory, WeightGradients g) const;

 private:
  struct Head {
    AttentionScore score;
    Index keys, queries;  // first rows in EncoderLevel::keys and among the saved rows
  };

  const Head& of(Index head) const { return IndexSpan(heads_)[head]; }
  const EncoderLevel& level(const EncoderOutput& memory) const;
  EncoderLevel& level(EncoderOutput& memory) const;
  // Return the rows of a head in the matrices of all heads. head_input() returns those of the
  // projected states, or the states themselves if there are no projections.
  MatrixView keys(const EncoderLevel& m, Index head) const;
  Out queries(Out all, Index head) const;
  template <class View>
  View head_input(View states, View projected, Index head) const;
  Out projected(Out saved) const { return saved.row_range(projected_, w_query_.rows); }
  Out dprojected(Out saved) const { return saved.row_range(dprojected_, w_query_.rows); }
  // Returns the operands of the kernel.
  ScoreBlock block(const ColumnGroup& group, Index head, const Span& span) const;

  Unit unit_;
  Slot w_query_, w_key_;                  // without rows if there are no projections
  Index projected_ = 0, dprojected_ = 0;  // first rows of Q q and its gradient among the saved rows
  Index head_size_;                       // rows of the projections of one head
  std::vector<Head> heads_;
};

}  // namespace attn
