// Optimizers: functions that update a contiguous range of the parameters. An optimizer names the
// arenas of its state; the trainer allocates, saves and loads them.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/registry.h"
#include "math/types.h"

namespace attn {

struct TrainConfig;

// Returns the factor for the summed gradient of an update: 1 / count, which makes it a mean, times
// clip_norm / norm if the norm of the mean is above clip_norm. A clip_norm of 0 turns clipping off.
inline double gradient_scale(double norm, double count, double clip_norm) {
  return (clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1) / count;
}

// The values that all parameters share in an update.
struct Step {
  std::int64_t update;  // counted from 1
  double rate;          // learning rate
  Real scale;           // factor for the summed gradients, see gradient_scale
};

struct Optimizer {
  std::vector<std::string> state;         // names of the arenas of its state
  std::map<std::string, double> options;  // options of TrainConfig that it uses, and their defaults
  // Updates the parameters `w` and their state by the summed gradients `g`. `g` and every state[i]
  // have w.size() numbers; the state is zero before the first update.
  void (*update)(const TrainConfig& config, const Step& step, std::span<Real> w,
                 std::span<const Real> g, std::span<Real* const> state);
};
// Returns the table of all optimizers.
const Registry<Optimizer>& optimizers();

}  // namespace attn
