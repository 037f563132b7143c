#include "model/all_steps.h"

namespace attn {

void AllSteps::assign(const DecoderInput& in) {
  const Packing& p = in.target.packing();
  const IndexSpan example_ids(in.target.example_ids());
  const IndexSpan<const Real> advantages(in.advantages);
  step_order_.clear(), sources_.clear(), positions_.clear();
  example_ids_.clear(), advantages_.clear();
  for (int b = 0; b < p.sequences(); ++b)
    for (int t = 0; t < p.length(b); ++t) {
      const Index column = p.column(b, t);
      step_order_.push_back(column);
      sources_.push_back(b);
      positions_.push_back(t);
      example_ids_.push_back(example_ids[column]);
      if (!advantages.empty()) advantages_.push_back(advantages[column]);
    }
  columns_ = {.sources = sources_,
              .weights = in.weights,
              .begins = in.target.weight_begins(),
              .head_stride = in.target.weight_begins().back(),
              .noise = in.noise,
              .example_ids = example_ids_,
              .dweights = in.dweights,
              .advantages = advantages_,
              .positions = positions_};
}

void AllSteps::to_sentence_order(In m, Out out) const {
  const IndexSpan step_order(step_order_);
  for (Index j = 0; j < m.cols(); ++j) copy(m.columns(step_order[j], 1), out.columns(j, 1));
}

void AllSteps::to_step_order(In m, Out out) const {
  const IndexSpan step_order(step_order_);
  for (Index j = 0; j < m.cols(); ++j) copy(m.columns(j, 1), out.columns(step_order[j], 1));
}

void AllSteps::add_in_step_order(In m, Out out) const {
  const IndexSpan step_order(step_order_);
  for (Index j = 0; j < m.cols(); ++j) add(m.columns(j, 1), out.columns(step_order[j], 1));
}

}  // namespace attn
