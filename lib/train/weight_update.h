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
  WeightUpdate(const TrainConfig& config, const Layout& layout, Params& weights, Workers workers);

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

  // Returns the arenas that a resumed run needs.
  std::vector<NamedArena> arenas();

 private:
  // Updates the numbers [begin, begin + size) of all arenas.
  void update_block(const Step& step, Index begin, Index size, Params& gradient);

  const TrainConfig& config_;
  const Optimizer& optimizer_;
  Params& weights_;
  Workers workers_;
  std::vector<Params> state_;  // of the optimizer
  std::optional<Params> average_;
};

}  // namespace attn
