// The update of the weights by a gradient: optimizer, moving average, and the clearing of the
// gradient. Each process updates the weights of its own range of the arena, and has the optimizer
// state and the moving average of that range only.
#pragma once

#include <optional>
#include <vector>

#include "train/checkpoint.h"
#include "train/config.h"
#include "train/gradient.h"
#include "train/optimizer.h"

namespace attn {

class WeightUpdate {
 public:
  // Updates `weights`, whose layout is `layout`. The arguments must outlive the object.
  // `bounds` are the bounds of the processes' ranges (Gradient::bounds).
  WeightUpdate(const TrainConfig& config, const Layout& layout, Params& weights,
               IndexSpan<const Index> bounds, Workers workers);

  // Starts the moving average at the present weights.
  void start();

  // Updates the weights by the sum of the gradient, and clears it.
  void apply(const Step& step, Gradient& gradient);

  // Return the weights that are validated and saved: their moving average if train.ema_decay is
  // set, else the weights themselves.
  const Params& averaged() const { return average_ ? *average_ : weights_; }
  Params& averaged() { return average_ ? *average_ : weights_; }
  // Exchanges the weights and their moving average, if there is one.
  void swap_average();

  // Completes the moving average in all processes: each of them has updated its range only.
  void complete_average();

  // The arenas of the optimizer's state.
  using StateArenas = std::vector<std::vector<Real>>;
  // Returns the state of all processes, in the first one. A process that trains alone returns
  // nothing, because its own state is complete.
  StateArenas gather_state();
  // Returns arenas for the state of all processes, to be read from a file. Only the first process
  // has memory for them.
  StateArenas complete_state() const;
  // Sends the weights and the moving average from the first process to all others, and to each its
  // range of the state.
  void scatter_state(StateArenas& complete);
  // Returns the arenas that a resumed run needs, for the first process.
  std::vector<NamedArena> arenas(StateArenas& complete);

 private:
  // Updates the numbers [begin, begin + size) of all arenas.
  void update_block(const Step& step, Index begin, Index size, Params& gradient);

  bool is_alone() const { return workers_.communicator.size() == 1; }

  const TrainConfig& config_;
  const Optimizer& optimizer_;
  Index size_;                 // numbers in an arena
  std::vector<Index> bounds_;  // the range of each process
  Params& weights_;
  Workers workers_;
  StateArenas state_;  // the optimizer's state of the range of this process
  std::optional<Params> average_;
};

}  // namespace attn
