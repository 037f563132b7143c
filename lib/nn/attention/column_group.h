// Groups of columns of a step that read the same words of one source. Their energies and contexts
// are computed together. In search, a group is the hypotheses of a source; if all steps are
// computed at once, the steps of a target; in the time loop of training, a single column.
#pragma once

#include "nn/attention/attention.h"

namespace attn {

// The adjacent columns [begin, begin + count) of a step.
struct ColumnGroup {
  const EncoderOutput& memory;
  const AttentionStep& step;
  Index heads;
  Index begin, count;
  Span span;  // words of the source that can have a weight

  Index source() const { return step.columns.source_of(begin); }
  Index words() const { return memory.length(source()); }
  // Returns whether the column after the group, whose span is `next`, can be appended to it.
  bool is_continued(const Span& next) const;

  // Return the group's columns of a matrix that has all columns of the step.
  In columns(In m) const { return m.columns(begin, count); }
  Out columns(Out m) const { return m.columns(begin, count); }

  // Returns the attention weights of a head [words × count].
  Out weights(Index head) const;
  // Return the rows of the span.
  In in_span(In m) const { return m.row_range(span.begin, span.size()); }
  Out in_span(Out m) const { return m.row_range(span.begin, span.size()); }
  // Adds the gradient of the losses on attention weights to d [span × count].
  void add_dweights(Index head, Out d) const;

  // Returns the coverage of a head [span × count], which is a part of the attention states or of
  // their gradients; empty without coverage.
  template <class View>
  View coverage(View attention_states, Index head) const {
    if (attention_states.rows() == 0) return {};
    const Index rows = attention_states.rows() / heads;
    return in_span(columns(attention_states).row_range(head * rows, words()));
  }

  // Returns the input of a stochastic normalizer for column q of the group.
  SamplingContext sampling(Index head, Index q) const;
  // Multiplies d [span × count] by the dropout masks of the columns.
  void apply_dropout(const Dropout& dropout, Out d) const;

 private:
  // Return the offset of the weights of the first column, and the distance between columns.
  Index offset(Index head) const;
  Index stride() const;
};

}  // namespace attn
