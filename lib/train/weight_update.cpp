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
                           Workers workers)
    : config_(config),
      optimizer_(optimizers().at(config.optimizer)),
      weights_(weights),
      workers_(workers) {
  for (std::size_t i = 0; i < optimizer_.state.size(); ++i) state_.emplace_back(layout);
  ATTN_CHECK(state_.size() <= kMaxStates);
  if (config.ema_decay > 0) average_.emplace(layout);
}

void WeightUpdate::start() {
  if (average_) std::ranges::copy(weights_.flat(), average_->flat().begin());
}

void WeightUpdate::swap_average() {
  if (average_) std::swap(weights_, *average_);
}

std::vector<NamedArena> WeightUpdate::arenas() {
  std::vector<NamedArena> out = {{"weights", &weights_}};
  if (average_) out.push_back({"average", &*average_});
  for (std::size_t i = 0; i < state_.size(); ++i) out.push_back({optimizer_.state[i], &state_[i]});
  return out;
}

void WeightUpdate::apply(const Step& step, Gradient& gradient) {
  const Timed timed(Stage::optimizer);
  const Index rank = workers_.communicator.rank();
  const Index own_begin = gradient.bounds()[rank], own_end = gradient.bounds()[rank + 1];
  const Index ranges = (own_end - own_begin + kUpdateRange - 1) / kUpdateRange;
  workers_.pool.for_each(static_cast<std::size_t>(ranges), [&](std::size_t range, int) {
    Index begin = own_begin + static_cast<Index>(range) * kUpdateRange;
    const Index end = std::min(own_end, begin + kUpdateRange);
    for (; begin < end; begin += kUpdateBlock)
      update_block(step, begin, std::min(kUpdateBlock, end - begin), gradient.total());
  });
  workers_.communicator.all_gather(IndexSpan(weights_.flat()), gradient.bounds());
}

void WeightUpdate::update_block(const Step& step, Index begin, Index size, Params& gradient) {
  const auto block = [&](Params& p) -> std::span<Real> {
    return IndexSpan(p.flat()).subspan(begin, size);
  };
  const auto w = block(weights_), g = block(gradient);
  std::array<Real*, kMaxStates> state{};
  for (std::size_t k = 0; k < state_.size(); ++k) state[k] = block(state_[k]).data();
  optimizer_.update(config_, step, w, g, std::span(state).first(state_.size()));
  std::fill(g.begin(), g.end(), Real(0));
  if (average_) move_average(average_step(config_.ema_decay, step.update), w, block(*average_));
}

}  // namespace attn
