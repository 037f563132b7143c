#include "nn/attention/scored_attention.h"

#include <algorithm>

#include "base/error.h"
#include "base/profile.h"

namespace attn {

ScoredAttention::ScoredAttention(Scope at, const AttentionOptions& o)
    : normalizer_(normalizers().at(o.normalizer).make(o.normalizer_options)),
      window_(attention_windows().at(o.window).make(
          at / "window",
          {.state = o.sizes.state, .hidden_size = o.window_hidden_size, .width = o.window_width})),
      contexts_(at, o) {
  RowCounter saved;
  levels_.emplace_back(at, o, ScoreLevel::Unit::words, saved, rows_.words);
  if (o.segment_size > 0)
    levels_.emplace_back(at / "sentences", o, ScoreLevel::Unit::segments, saved, rows_.segments);
  query_rows_ = saved.rows;
  window_row_ = saved.take(window_->saved_rows());
  dwindow_row_ = saved.take(window_->saved_rows());
  for (ScoreLevel& level : levels_) level.take_saved_rows(saved);
  contexts_.take_saved_rows(saved);
  rows_.saved = saved.rows;
  rows_.contents = contexts_.content_rows();
  rows_.context = o.sizes.value;
  heads_ = o.heads;
  is_stochastic_ = normalizers().at(o.normalizer).stochastic;
  has_coverage_ = o.sizes.coverage;
}

void ScoredAttention::prepare(const Weights& w, EncoderOutput& memory) const {
  const Timed timed(Stage::attention);
  contexts_.prepare(w, memory);
  for (const ScoreLevel& level : levels_) level.prepare(w, memory);
}

Out ScoredAttention::window_rows(Out saved) const {
  return saved.row_range(window_row_, window_->saved_rows());
}
Out ScoredAttention::dwindow_rows(Out saved) const {
  return saved.row_range(dwindow_row_, window_->saved_rows());
}

Span ScoredAttention::span_of(const EncoderOutput& memory, const AttentionStep& step,
                              Index column) const {
  const AttentionColumns& columns = step.columns;
  Span span = window_->span(window_rows(step.saved).col(column), columns.position_of(column),
                            memory.length(columns.source_of(column)));
  span.end = std::min(span.end, words().max_positions());
  ATTN_CHECK(span.size() > 0);
  return span;
}

ColumnGroup ScoredAttention::group_at(const EncoderOutput& memory, const AttentionStep& step,
                                      Index begin) const {
  ColumnGroup group{memory, step, heads(), begin, 1, span_of(memory, step, begin)};
  const Index columns = step.state.cols();
  while (begin + group.count < columns &&
         group.is_continued(span_of(memory, step, begin + group.count)))
    ++group.count;
  return group;
}

// Counts all words even if the window is local, so that the operations of a model are a function of
// lengths.
Index ScoredAttention::energy_operations(const ColumnGroup& group) const {
  Index sum = 0;
  for (const ScoreLevel& level : levels_) sum += level.operations(group.memory, group.source());
  return sum * group.count;
}
Index ScoredAttention::context_operations(const ColumnGroup& group) const {
  return 2 * group.words() * contexts_.head_rows() * group.count;
}

void ScoredAttention::step(const Weights& w, const EncoderOutput& memory, const AttentionStep& step,
                           Workspace& ws) const {
  const Timed timed(Stage::attention);
  ATTN_CHECK(!has_coverage_ || !step.columns.has_all_steps());
  for (const ScoreLevel& level : levels_) level.queries(w, step.state, step.saved);
  window_->center(w, step.state, window_rows(step.saved));
  copy(step.attention_state, step.next_attention_state);
  for (Index j = 0; j < step.state.cols();) {
    const ColumnGroup group = group_at(memory, step, j);
    for (Index head = 0; head < heads(); ++head) attend(w, group, head, ws);
    j += group.count;
  }
  contexts_.join(w, step);
}

// Computes the weights and the context of one head, and adds the weights to the coverage.
void ScoredAttention::attend(const Weights& w, const ColumnGroup& group, Index head,
                             Workspace& ws) const {
  const CountedAs counted(energy_operations(group) + context_operations(group));
  group.weights(head).set_zero();
  const Out weights = group.in_span(group.weights(head));
  compute_weights(w, group, head, weights, ws);
  const In window = group.columns(window_rows(group.step.saved));
  for (Index q = 0; q < group.count; ++q)
    window_->reweight(window.col(q), group.span, group.words(), weights.col(q));
  contexts_.sum(group, head, ws);
  if (has_coverage_) add(weights, group.coverage(group.step.next_attention_state, head));
}

void ScoredAttention::step_backward(const Weights& w, const EncoderOutput& memory,
                                    const AttentionStep& step, const AttentionStepGrad& d,
                                    WeightGradients g, Workspace& ws) const {
  const Timed timed(Stage::attention);
  const auto scope = ws.scope();
  const Out saved = step.saved;
  const StepGrad all{contexts_.join_backward(w, d.dcontext, saved),
                     ws.zeros(query_rows_, saved.cols()), d};
  dwindow_rows(saved).set_zero();
  add(d.dnext_attention_state, d.dattention_state);
  for (Index j = 0; j < saved.cols();) {
    const ColumnGroup group = group_at(memory, step, j);
    for (Index head = 0; head < heads(); ++head) attend_backward(w, group, head, all, g, ws);
    j += group.count;
  }
  for (const ScoreLevel& level : levels_)
    level.queries_backward(w, step.state, all.dqueries, saved, d.dstate);
  window_->center_backward(w, window_rows(saved), dwindow_rows(saved), d.dstate);
}

void ScoredAttention::attend_backward(const Weights& w, const ColumnGroup& group, Index head,
                                      const StepGrad& d, WeightGradients g, Workspace& ws) const {
  const CountedAs counted(2 * energy_operations(group) + context_operations(group));
  const auto scope = ws.scope();
  const MatrixView weights = ws.take(group.span.size(), group.count),
                   dweights = ws.take(group.span.size(), group.count);
  copy(group.in_span(group.weights(head)), weights);
  contexts_.sum_backward(group, head, d.dcontexts, dweights);
  group.add_dweights(head, dweights);
  if (has_coverage_) add(group.coverage(d.inputs.dnext_attention_state, head), dweights);
  const Out saved = group.columns(group.step.saved);
  for (Index q = 0; q < group.count; ++q)
    window_->reweight_backward(window_rows(saved).col(q), group.span, group.words(), weights.col(q),
                               dweights.col(q), dwindow_rows(saved).col(q));
  weights_backward(w, group, head, weights, {dweights, d.dqueries, d.inputs}, g, ws);
}

void ScoredAttention::accumulate(const Weights& w, const EncoderOutput& memory, const Packing& p,
                                 const AttentionStep& steps, In dcontexts, EncoderOutput& dmemory,
                                 WeightGradients g, Workspace& ws) const {
  const Timed timed(Stage::attention);
  contexts_.accumulate_sums(memory, p, steps, dcontexts, dmemory, ws);
  for (const ScoreLevel& level : levels_) level.accumulate(w, memory, steps, dmemory, g);
  window_->accumulate(steps.state, window_rows(steps.saved), dwindow_rows(steps.saved), g);
  contexts_.accumulate_projections(w, memory, steps, dcontexts, dmemory, g);
}

void ScoredAttention::normalize(const ColumnGroup& group, Index head, Out energies) const {
  for (Index q = 0; q < group.count; ++q)
    normalizer_->forward(energies.rows(), group.sampling(head, q), energies.col(q));
}

void ScoredAttention::normalize_backward(const ColumnGroup& group, Index head, In energies,
                                         In weights, Out d) const {
  for (Index q = 0; q < group.count; ++q)
    normalizer_->backward(weights.rows(), group.sampling(head, q),
                          energies.cols() > 0 ? energies.col(q) : nullptr, weights.col(q),
                          d.col(q));
}

}  // namespace attn
