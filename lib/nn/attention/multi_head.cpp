#include "nn/attention/multi_head.h"

#include "nn/attention/block_products.h"

namespace attn {

// The columns of one target among those of all steps of a batch.
struct HeadContexts::TargetColumns {
  const Packing& packing;
  int target;
  Index first;  // the column of its first step, if each target has adjacent columns
  bool are_adjacent;

  int count() const { return packing.length(target); }
  Index operator[](int t) const { return are_adjacent ? first + t : packing.column(target, t); }
};

HeadContexts::HeadContexts(Scope at, const AttentionOptions& o)
    : head_rows_(o.heads > 1 ? o.projection_size / o.heads : o.sizes.value) {
  for (int i = 0; i < o.heads; ++i)
    dropouts_.emplace_back("attention." + std::to_string(i), o.dropout);
  if (o.heads == 1) return;
  const Scope in = at / "projection";
  w_content_ = in.matrix("content", o.projection_size, o.sizes.value, Role::input, o.heads);
  w_context_ = in.matrix("context", o.sizes.value, o.projection_size, Role::input);
}

void HeadContexts::take_saved_rows(RowCounter& saved) {
  contexts_ = saved.take(w_content_.rows);
  dcontexts_ = saved.take(w_content_.rows);
}

MatrixView HeadContexts::values(const EncoderOutput& memory) const {
  return has_projections() ? memory.contents : memory.values;
}
Out HeadContexts::contexts(const AttentionStep& step) const {
  return has_projections() ? step.saved.row_range(contexts_, w_content_.rows) : step.context;
}
In HeadContexts::span_values(const ColumnGroup& group, Index head) const {
  const Index first = group.memory.begin(group.source()) + group.span.begin;
  return of_head(values(group.memory), head).columns(first, group.span.size());
}

void HeadContexts::prepare(const Weights& w, EncoderOutput& memory) const {
  if (has_projections()) product(w, w_content_, memory.values, memory.contents);
}

void HeadContexts::sum(const ColumnGroup& group, Index head, Workspace& ws) const {
  const auto scope = ws.scope();
  const Out weights = ws.take(group.span.size(), group.count);
  copy(group.in_span(group.weights(head)), weights);
  group.apply_dropout(IndexSpan(dropouts_)[head], weights);
  const Out sums = group.columns(of_head(contexts(group.step), head));
  sums.set_zero();
  add_weighted_sums(span_values(group, head), weights, sums);
}

void HeadContexts::join(const Weights& w, const AttentionStep& step) const {
  if (has_projections()) product(w, w_context_, contexts(step), step.context);
}

In HeadContexts::join_backward(const Weights& w, In dcontext, Out saved) const {
  if (!has_projections()) return dcontext;
  const Out dcontexts = saved.row_range(dcontexts_, w_content_.rows);
  dcontexts.set_zero();
  add_transposed_product(w, w_context_, dcontext, dcontexts);
  return dcontexts;
}

void HeadContexts::sum_backward(const ColumnGroup& group, Index head, In dcontexts,
                                Out dweights) const {
  dot_products(span_values(group, head), group.columns(of_head(dcontexts, head)), dweights);
  group.apply_dropout(IndexSpan(dropouts_)[head], dweights);
}

void HeadContexts::accumulate_sums(const EncoderOutput& memory, const Packing& p,
                                   const AttentionStep& steps, In dcontext, EncoderOutput& dmemory,
                                   Workspace& ws) const {
  const In dcontexts =
      has_projections() ? steps.saved.row_range(dcontexts_, w_content_.rows) : dcontext;
  for (Index k = 0; k < std::ssize(dropouts_); ++k)
    for (int b = 0, first = 0; b < p.sequences(); first += p.length(b++)) {
      const Out dvalues = of_head(values(dmemory), k).columns(memory.begin(b), memory.length(b));
      accumulate_target({p, b, first, steps.columns.has_all_steps()}, steps.columns, k,
                        of_head(dcontexts, k), dvalues, ws);
    }
}

// Computes dV += dC αᵀ for the source of one target.
void HeadContexts::accumulate_target(const TargetColumns& target, const AttentionColumns& columns,
                                     Index head, In dcontexts, Out dvalues, Workspace& ws) const {
  const auto scope = ws.scope();
  const Index words = dvalues.cols();
  const MatrixView dc = ws.take(head_rows_, target.count()),
                   weights = ws.take(words, target.count());
  copy(In(columns.weights + IndexSpan(columns.begins)[target.target] + head * columns.head_stride,
          words, target.count()),
       weights);
  for (int t = 0; t < target.count(); ++t) copy(dcontexts.columns(target[t], 1), dc.columns(t, 1));
  const Dropout& dropout = IndexSpan(dropouts_)[head];
  if (dropout.is_active(columns.noise))
    for (int t = 0; t < target.count(); ++t)
      dropout.apply(columns.noise, {&IndexSpan(columns.example_ids)[target[t]], 1},
                    weights.columns(t, 1));
  add_product_nt(dc, weights, dvalues);
}

void HeadContexts::accumulate_projections(const Weights& w, const EncoderOutput& memory,
                                          const AttentionStep& steps, In dcontext,
                                          EncoderOutput& dmemory, WeightGradients g) const {
  if (!has_projections()) return;
  add_outer_product(dcontext, contexts(steps), g, w_context_);
  add_outer_product(dmemory.contents, memory.values, g, w_content_);
  add_transposed_product(w, w_content_, dmemory.contents, dmemory.values);
}

}  // namespace attn
