#include "model/recurrent_decoder.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "model/all_steps.h"

namespace attn {
namespace {

Index longest_source(const EncoderOutput& memory) {
  Index longest = 0;
  for (Index b = 0; b < memory.sources(); ++b) longest = std::max(longest, memory.length(b));
  return longest;
}

// Returns the columns of step t of a batch.
AttentionColumns columns_of_step(const DecoderInput& in, int t) {
  const Packing& p = in.target.packing();
  const IndexSpan<const Real> advantages(in.advantages);
  return {
      .sources = IndexSpan(in.target.sources()).first(p.width(t)),
      .weights = in.weights,
      .begins = in.target.weight_begins(),
      .head_stride = in.target.weight_begins().back(),
      .t = t,
      .index = t,
      .noise = in.noise,
      .example_ids = IndexSpan(in.target.example_ids()).subspan(p.begin(t), p.width(t)),
      .dweights = in.dweights,
      .advantages = advantages.empty() ? advantages : advantages.subspan(p.begin(t), p.width(t))};
}

// Returns the sources and blocks of step 0 with the example ids of all columns, for accumulate().
AttentionColumns columns_to_accumulate(const DecoderInput& in) {
  AttentionColumns columns = columns_of_step(in, 0);
  columns.example_ids = in.target.example_ids();
  return columns;
}

}  // namespace

struct RecurrentDecoder::Pass : DecoderPass {
  EncoderOutput memory;  // with keys
  MatrixView start;      // [state × sequences] s_0
  DecoderSaved saved;
  // With attention to all steps at once, in sentence order.
  AllSteps all;
  MatrixView queries, contexts;
  AttentionStep all_steps() const {
    return {all.columns(), queries, {}, saved.attention, contexts, {}};
  }
};

RecurrentDecoder::RecurrentDecoder(std::unique_ptr<RecurrentStep> step, const DecoderConfig& config)
    : step_(std::move(step)) {
  set_attentions({&step_->attention()}, config);
  set_readout_rows(step_->rows().readout);
}

Index RecurrentDecoder::numbers_per_token() const {
  const DecoderRows& r = step_->rows();
  const Index in_sentence_order =
      step_->can_attend_to_all_steps() ? 2 * (step_->cells().cell(0).hidden() + r.context) : 0;
  return 4 * r.state + r.gates + r.cells + 2 * r.inputs + r.output + r.attention + 2 * r.context +
         r.inner + 2 * r.readout + in_sentence_order;
}

std::unique_ptr<DecoderPass> RecurrentDecoder::make_pass() const {
  return std::make_unique<Pass>();
}

Index RecurrentDecoder::state_rows(const EncoderOutput& memory) const {
  return step_->rows().state + attention().attention_state_rows(longest_source(memory));
}

StepContext RecurrentDecoder::context(const Pass& pass, const AttentionColumns& columns) const {
  return {pass.memory, columns, step_->can_attend_to_all_steps()};
}

// Computes the input part of the first cell's gates, for all columns at once.
void RecurrentDecoder::project(const Weights& w, const UniqueColumns& embedded,
                               const DecoderSaved& saved, Workspace& ws) const {
  const CellStack& cells = step_->cells();
  cells.cell(0).project(w, embedded, cells.gates(saved, 0), ws);
}

void RecurrentDecoder::forward(const Weights& w, const DecoderInput& in, DecoderPass& base,
                               Workspace& ws) const {
  auto& pass = static_cast<Pass&>(base);
  const Packing& p = in.target.packing();
  pass.memory = with_keys(in.memory, attention().rows(), Fill::none, ws);
  attention().prepare(w, pass.memory);
  const Index state = state_rows(in.memory);
  pass.start = ws.take(state, p.sequences());
  pass.saved = DecoderSaved(step_->rows(), state, p.columns(), in.gradients, ws);
  pass.readout = pass.saved.readout;

  project(w, in.embedded, pass.saved, ws);
  step_->cells().start(w, pass.memory, pass.start);
  steps(w, in, pass, ws);
  if (step_->can_attend_to_all_steps()) attend(w, in, pass, ws);
  step_->readout(w, in.embedded, pass.saved, ws);
}

void RecurrentDecoder::steps(const Weights& w, const DecoderInput& in, Pass& pass,
                             Workspace& ws) const {
  const Packing& p = in.target.packing();
  for (int t = 0; t < p.steps(); ++t) {
    DecoderSaved saved = pass.saved.columns(p.begin(t), p.width(t));
    copy(t == 0 ? pass.start : pass.saved.state.columns(p.begin(t - 1), p.width(t)), saved.prev);
    step_->step(w, context(pass, columns_of_step(in, t)), saved, ws);
  }
}

void RecurrentDecoder::attend(const Weights& w, const DecoderInput& in, Pass& pass,
                              Workspace& ws) const {
  const Index columns = in.target.packing().columns();
  pass.all.assign(in);
  const In states = step_->cells().top(pass.saved.state);
  pass.queries = ws.take(states.rows(), columns);
  pass.contexts = ws.take(attention().context_rows(), columns);
  pass.all.to_sentence_order(states, pass.queries);
  attention().step(w, pass.memory, pass.all_steps(), ws);
  pass.all.to_step_order(pass.contexts, pass.saved.context);
}

void RecurrentDecoder::backward(const Weights& w, const DecoderInput& in, In dreadout,
                                DecoderPass& base, const DecoderInputGrad& d, WeightGradients g,
                                Workspace& ws) const {
  auto& pass = static_cast<Pass&>(base);
  EncoderOutput dmemory = with_keys(d.memory, attention().rows(), Fill::zero, ws);
  const MatrixView dstart = ws.take(pass.start.rows(), pass.start.cols());
  step_->readout_backward(w, dreadout, pass.saved, ws);
  if (step_->can_attend_to_all_steps()) attend_backward(w, in, pass, dmemory, g, ws);
  steps_backward(w, in, pass, dmemory, dstart, g, ws);
  step_->accumulate(w, context(pass, columns_to_accumulate(in)), in, pass.saved,
                    {dmemory, d.embedded}, g, ws);
  step_->cells().start_backward(w, pass.memory, pass.start, dstart, g, dmemory);
}

void RecurrentDecoder::attend_backward(const Weights& w, const DecoderInput& in, Pass& pass,
                                       EncoderOutput& dmemory, WeightGradients g,
                                       Workspace& ws) const {
  const Index columns = in.target.packing().columns();
  pass.all.assign(in);
  const auto scope = ws.scope();
  const MatrixView dqueries = ws.zeros(pass.queries.rows(), columns),
                   dcontexts = ws.take(pass.contexts.rows(), columns);
  pass.all.to_sentence_order(pass.saved.dcontext, dcontexts);
  const AttentionStep steps = pass.all_steps();
  attention().step_backward(w, pass.memory, steps, {dcontexts, {}, dqueries, {}, dmemory}, g, ws);
  attention().accumulate(w, pass.memory, in.target.packing(), steps, dcontexts, dmemory, g, ws);
  pass.all.add_in_step_order(dqueries, step_->cells().top(pass.saved.dstate));
}

void RecurrentDecoder::steps_backward(const Weights& w, const DecoderInput& in, Pass& pass,
                                      EncoderOutput& dmemory, Out dstart, WeightGradients g,
                                      Workspace& ws) const {
  const Packing& p = in.target.packing();
  for (int t = p.steps() - 1; t >= 0; --t) {
    DecoderSaved saved = pass.saved.columns(p.begin(t), p.width(t));
    step_->step_backward(w, context(pass, columns_of_step(in, t)), saved, dmemory, g, ws);
    if (t > 0)
      add(saved.dprev, pass.saved.dstate.columns(p.begin(t - 1), p.width(t)));
    else
      copy(saved.dprev, dstart);
  }
}

class RecurrentDecoder::State : public DecoderState {
 public:
  State(const EncoderOutput& memory, Index state_rows, int heads)
      : memory_(memory),
        longest_(longest_source(memory)),
        heads_(heads),
        states_(state_rows, memory.sources()) {
    resize(sources_, memory.sources());
    std::iota(sources_.begin(), sources_.end(), 0);
  }

  const EncoderOutput& memory() const { return memory_; }
  Mat& states() { return states_; }

  // Returns the columns of the next step, with room for its attention weights.
  AttentionColumns next_columns() {
    const Index columns = states_.cols();
    begins_.clear();
    for (Index j = 0; j < columns; ++j) begins_.push_back(j * longest_);
    resize(weights_, heads_ * columns * longest_);
    return {.sources = sources_,
            .weights = weights_.data(),
            .begins = begins_,
            .head_stride = columns * longest_,
            .t = step_++,
            .index = 0};
  }

  void gather(std::span<const int> parents) override {
    const IndexSpan<const int> from(parents), sources(sources_);
    next_states_.resize(states_.rows(), from.size());
    next_sources_.clear();
    for (Index j = 0; j < from.size(); ++j) {
      next_states_.col(j) = states_.col(from[j]);
      next_sources_.push_back(sources[from[j]]);
    }
    states_.swap(next_states_);
    sources_.swap(next_sources_);
  }

  ConstMatrixView attention(Index column) const override {
    if (heads_ == 0) return {};
    const Index words = memory_.length(IndexSpan(sources_)[column]);
    return {weights_.data() + column * longest_, words, heads_, std::ssize(begins_) * longest_};
  }

 private:
  EncoderOutput memory_;  // with keys
  Index longest_;         // number of words of the longest source
  Index heads_;
  Index step_ = 0;                           // number of the next step
  Mat states_, next_states_;                 // [state × columns]
  std::vector<int> sources_, next_sources_;  // source of each column
  std::vector<Index> begins_;                // offset of each column in weights_
  std::vector<Real> weights_;                // [longest × columns] of each head
};

std::unique_ptr<DecoderState> RecurrentDecoder::start(const Weights& w, const EncoderOutput& memory,
                                                      Workspace& ws) const {
  EncoderOutput with = with_keys(memory, attention().rows(), Fill::none, ws);
  attention().prepare(w, with);
  auto state = std::make_unique<State>(with, state_rows(memory), attention().heads());
  step_->cells().start(w, with, state->states());
  return state;
}

void RecurrentDecoder::step(const Weights& w, const UniqueColumns& embedded, DecoderState& base,
                            Out readout, Workspace& ws) const {
  auto& state = static_cast<State&>(base);
  const auto scope = ws.scope();
  Mat& states = state.states();
  ATTN_CHECK(states.cols() == readout.cols());
  DecoderSaved saved(step_->rows(), states.rows(), states.cols(), Gradients::skip, ws);
  saved.readout = readout;
  copy(states, saved.prev);
  project(w, embedded, saved, ws);
  step_->step(w, {state.memory(), state.next_columns()}, saved, ws);
  step_->readout(w, embedded, saved, ws);
  states = saved.state.map();
}

}  // namespace attn
