#include "nn/attention/score_level.h"

namespace attn {

ScoreLevel::ScoreLevel(Scope at, const AttentionOptions& o, Unit unit, RowCounter& queries,
                       LevelRows& rows)
    : unit_(unit), head_size_(o.projection_size / o.heads) {
  const AttentionScoreKind& kind = attention_scores().at(o.score);
  AttentionScoreSizes sizes = o.sizes;
  if (unit == Unit::segments) sizes.value = o.segment_size;
  if (o.projection_size > 0) {
    const Scope in = at / "projection";
    w_query_ = in.matrix("query", o.projection_size, sizes.state, Role::attention);
    if (kind.uses_content)
      w_key_ = in.matrix("key", o.projection_size, sizes.value, Role::attention);
    sizes.value = sizes.state = head_size_;
  }
  rows.projected = w_key_.rows;
  if (o.heads > 1) sizes.hidden = head_size_;
  for (Index i = 0; i < o.heads; ++i) {
    AttentionScore score = kind.make(o.heads > 1 ? at / i : at, sizes);
    const Index first_key = std::exchange(rows.keys, rows.keys + score.keys->rows());
    const Index first_query = queries.take(score.queries->rows());
    heads_.push_back({std::move(score), first_key, first_query});
  }
}

void ScoreLevel::take_saved_rows(RowCounter& saved) {
  projected_ = saved.take(w_query_.rows);
  dprojected_ = saved.take(w_query_.rows);
}

const EncoderLevel& ScoreLevel::level(const EncoderOutput& memory) const {
  return unit_ == Unit::segments ? memory.segments : memory;
}
EncoderLevel& ScoreLevel::level(EncoderOutput& memory) const {
  return unit_ == Unit::segments ? memory.segments : memory;
}

MatrixView ScoreLevel::keys(const EncoderLevel& m, Index head) const {
  return m.keys.row_range(of(head).keys, of(head).score.keys->rows());
}
Out ScoreLevel::queries(Out all, Index head) const {
  return all.row_range(of(head).queries, of(head).score.queries->rows());
}
template <class View>
View ScoreLevel::head_input(View states, View projected, Index head) const {
  return projected.rows() > 0 ? projected.row_range(head * head_size_, head_size_) : states;
}

Index ScoreLevel::operations(const EncoderOutput& memory, Index source) const {
  return level(memory).length(source) * heads_[0].score.operations;
}

void ScoreLevel::prepare(const Weights& w, EncoderOutput& memory) const {
  const EncoderLevel& m = level(memory);
  if (w_key_.rows > 0) product(w, w_key_, m.values, m.projected);
  for (Index i = 0; i < std::ssize(heads_); ++i)
    of(i).score.keys->forward(w, head_input(m.values, m.projected, i), keys(m, i));
}

void ScoreLevel::queries(const Weights& w, In states, Out saved) const {
  if (w_query_.rows > 0) product(w, w_query_, states, projected(saved));
  for (Index i = 0; i < std::ssize(heads_); ++i)
    of(i).score.queries->forward(w, head_input(states, In(projected(saved)), i), queries(saved, i));
}

ScoreBlock ScoreLevel::block(const ColumnGroup& group, Index head, const Span& span) const {
  const EncoderLevel& m = level(group.memory);
  return {.keys = keys(m, head).columns(m.begin(group.source()) + span.begin, span.size()),
          .queries = group.columns(queries(group.step.saved, head)),
          .coverage = group.coverage(group.step.attention_state, head),
          .first_position = span.begin};
}

void ScoreLevel::energies(const Weights& w, const ColumnGroup& group, Index head, const Span& span,
                          Out energies) const {
  of(head).score.kernel->energies(w, block(group, head, span), energies);
}

void ScoreLevel::energies_backward(const Weights& w, const ColumnGroup& group, Index head,
                                   const Span& span, const EnergiesGrad& d,
                                   WeightGradients g) const {
  const EncoderLevel& dm = level(d.inputs.dmemory);
  const Index first = dm.begin(group.source()) + span.begin;
  of(head).score.kernel->energies_backward(
      w, block(group, head, span),
      {.denergies = d.denergies,
       .dkeys = keys(dm, head).columns(first, span.size()),
       .dqueries = group.columns(queries(d.dqueries, head)),
       .dcoverage = group.coverage(d.inputs.dattention_state, head)},
      g);
}

void ScoreLevel::queries_backward(const Weights& w, In states, In dqueries, Out saved,
                                  Out dstates) const {
  dprojected(saved).set_zero();
  for (Index i = 0; i < std::ssize(heads_); ++i) {
    const ScoreProjection& projection = *of(i).score.queries;
    const In dquery = dqueries.row_range(of(i).queries, projection.rows());
    projection.backward(w, head_input(states, In(projected(saved)), i), queries(saved, i), dquery,
                        head_input(dstates, dprojected(saved), i));
    copy(dquery, queries(saved, i));
  }
  if (w_query_.rows > 0) add_transposed_product(w, w_query_, dprojected(saved), dstates);
}

void ScoreLevel::accumulate(const Weights& w, const EncoderOutput& memory,
                            const AttentionStep& steps, EncoderOutput& dmemory,
                            WeightGradients g) const {
  const EncoderLevel &m = level(memory), &dm = level(dmemory);
  for (Index i = 0; i < std::ssize(heads_); ++i) {
    const AttentionScore& score = of(i).score;
    const In values = head_input(m.values, m.projected, i);
    score.keys->accumulate(values, keys(dm, i), g);
    score.queries->accumulate(head_input(steps.state, In(projected(steps.saved)), i),
                              queries(steps.saved, i), g);
    score.keys->backward(w, values, keys(m, i), keys(dm, i),
                         head_input(dm.values, dm.projected, i));
  }
  if (w_query_.rows > 0) add_outer_product(dprojected(steps.saved), steps.state, g, w_query_);
  if (w_key_.rows == 0) return;
  add_outer_product(dm.projected, m.values, g, w_key_);
  add_transposed_product(w, w_key_, dm.projected, dm.values);
}

}  // namespace attn
