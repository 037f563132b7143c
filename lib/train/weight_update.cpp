#include "train/weight_update.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/profile.h"

namespace attn {
namespace {

// The arenas are processed in ranges, one per worker at a time. Within a range, optimizer, moving
// average and the clearing of the gradient work on blocks that fit in the L1 cache, so that each
// number is read from memory only once.
constexpr Index kUpdateRange = Index{1} << 16, kUpdateBlock = 2048;

constexpr std::size_t kMaxStates = 4;  // arenas of an optimizer

// Returns 1 − d with the decay d of the moving average. A decay of at most (1 + u) / (10 + u)
// forgets the initial weights quickly (as TensorFlow's ExponentialMovingAverage does).
Real average_step(double ema_decay, std::int64_t update) {
  const auto u = static_cast<double>(update);
  return static_cast<Real>(1 - std::min(ema_decay, (1 + u) / (10 + u)));
}

// a ← (1 − step) a + step w
void move_average(Real step, std::span<const Real> w, std::span<Real> a) {
  for (std::size_t k = 0; k < a.size(); ++k) a[k] += step * (w[k] - a[k]);
}

}  // namespace

WeightUpdate::WeightUpdate(const TrainConfig& config, const Layout& layout, Params& weights,
                           IndexSpan<const Index> bounds, Workers workers)
    : config_(config),
      optimizer_(optimizers().at(config.optimizer)),
      size_(layout.size()),
      bounds_(bounds.begin(), bounds.end()),
      weights_(weights),
      workers_(workers) {
  const int rank = workers.communicator.rank();
  ATTN_CHECK(optimizer_.state.size() <= kMaxStates);
  state_.resize(optimizer_.state.size());
  for (auto& state : state_) resize(state, bounds[rank + 1] - bounds[rank]);
  if (config.ema_decay > 0) average_.emplace(layout);
}

void WeightUpdate::start() {
  if (average_) std::ranges::copy(weights_.flat(), average_->flat().begin());
}

void WeightUpdate::swap_average() {
  if (average_) std::swap(weights_, *average_);
}

void WeightUpdate::complete_average() {
  if (average_)
    workers_.communicator.all_gather(IndexSpan(average_->flat()), IndexSpan<const Index>(bounds_));
}

WeightUpdate::StateArenas WeightUpdate::complete_state() const {
  StateArenas out(is_alone() ? 0 : state_.size());
  if (workers_.communicator.is_first())
    for (auto& arena : out) resize(arena, size_);
  return out;
}

WeightUpdate::StateArenas WeightUpdate::gather_state() {
  StateArenas out = complete_state();
  for (std::size_t i = 0; i < out.size(); ++i)
    workers_.communicator.gather(IndexSpan(state_[i]), IndexSpan(out[i]),
                                 IndexSpan<const Index>(bounds_));
  return out;
}

void WeightUpdate::scatter_state(StateArenas& complete) {
  Communicator& communicator = workers_.communicator;
  communicator.broadcast(IndexSpan(weights_.flat()));
  if (average_) communicator.broadcast(IndexSpan(average_->flat()));
  for (std::size_t i = 0; i < complete.size(); ++i)
    communicator.scatter(IndexSpan(complete[i]), IndexSpan(state_[i]),
                         IndexSpan<const Index>(bounds_));
}

std::vector<NamedArena> WeightUpdate::arenas(StateArenas& complete) {
  std::vector<NamedArena> out = {{"weights", weights_.flat()}};
  if (average_) out.push_back({"average", average_->flat()});
  auto& state = is_alone() ? state_ : complete;
  for (std::size_t i = 0; i < state.size(); ++i) out.push_back({optimizer_.state[i], state[i]});
  return out;
}

void WeightUpdate::apply(const Step& step, Gradient& gradient) {
  const Timed timed(Stage::optimizer);
  const Index rank = workers_.communicator.rank();
  const Index own_begin = IndexSpan(bounds_)[rank], own_end = IndexSpan(bounds_)[rank + 1];
  const Index ranges = (own_end - own_begin + kUpdateRange - 1) / kUpdateRange;
  workers_.pool.for_each(static_cast<std::size_t>(ranges), [&](std::size_t range, int) {
    Index begin = own_begin + static_cast<Index>(range) * kUpdateRange;
    const Index end = std::min(own_end, begin + kUpdateRange);
    for (; begin < end; begin += kUpdateBlock)
      update_block(step, begin, std::min(kUpdateBlock, end - begin), gradient.total());
  });
  workers_.communicator.all_gather(IndexSpan(weights_.flat()), IndexSpan<const Index>(bounds_));
}

void WeightUpdate::update_block(const Step& step, Index begin, Index size, Params& gradient) {
  const auto block = [&](Params& p) -> std::span<Real> {
    return IndexSpan(p.flat()).subspan(begin, size);
  };
  const auto w = block(weights_), g = block(gradient);
  std::array<Real*, kMaxStates> state{};
  const Index own_begin = IndexSpan(bounds_)[workers_.communicator.rank()];
  for (std::size_t k = 0; k < state_.size(); ++k) state[k] = state_[k].data() + (begin - own_begin);
  optimizer_.update(config_, step, w, g, std::span(state).first(state_.size()));
  std::fill(g.begin(), g.end(), Real(0));
  if (average_) move_average(average_step(config_.ema_decay, step.update), w, block(*average_));
}

}  // namespace attn
