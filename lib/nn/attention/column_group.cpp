#include "nn/attention/column_group.h"

namespace attn {

// The weights of the columns must be a matrix.
bool ColumnGroup::is_continued(const Span& next) const {
  const AttentionColumns& columns = step.columns;
  const Index j = begin + count;
  if (columns.source_of(j) != source() || next.begin != span.begin || next.end != span.end)
    return false;
  const Index distance = columns.offset(memory, j) - columns.offset(memory, j - 1);
  return distance >= words() && (count == 1 || distance == stride());
}

Index ColumnGroup::offset(Index head) const {
  return step.columns.offset(memory, begin) + head * step.columns.head_stride;
}

Index ColumnGroup::stride() const {
  if (count == 1) return words();
  return step.columns.offset(memory, begin + 1) - step.columns.offset(memory, begin);
}

Out ColumnGroup::weights(Index head) const {
  return {step.columns.weights + offset(head), words(), count, stride()};
}

void ColumnGroup::add_dweights(Index head, Out d) const {
  if (!step.columns.dweights) return;
  add(in_span(In(step.columns.dweights + offset(head), words(), count, stride())), d);
}

SamplingContext ColumnGroup::sampling(Index head, Index q) const {
  const AttentionColumns& columns = step.columns;
  const Index j = begin + q;
  return {.noise = columns.noise,
          .example_id = columns.noise.on ? IndexSpan(columns.example_ids)[j] : 0,
          .head = head,
          .advantage = columns.advantages.empty() ? 0 : IndexSpan(columns.advantages)[j]};
}

void ColumnGroup::apply_dropout(const Dropout& dropout, Out d) const {
  if (!dropout.is_active(step.columns.noise)) return;
  for (Index q = 0; q < count; ++q) {
    const Dropout::Mask mask =
        dropout.mask(step.columns.noise, IndexSpan(step.columns.example_ids)[begin + q]);
    for (Index i = 0; i < span.size(); ++i) d(i, q) *= mask(span.begin + i);
  }
}

}  // namespace attn
