// Optimizers: functions over flat runs of numbers. An optimizer names the arenas that it needs; the
// trainer makes them, saves them and loads them.
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

// What an update's summed gradient is multiplied by: its mean over `count` has this norm, and is
// clipped where that is above clip_norm (0: never).
inline double gradient_scale(double norm, double count, double clip_norm) {
  return (clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1) / count;
}

// One run of parameters in an update.
struct Step {
  std::int64_t update;  // from 1
  double rate;          // learning rate of this update
  Real scale;           // what gradients are multiplied by first: normalization and clipping
};

struct Optimizer {
  std::vector<std::string> state;  // names of the arenas that it keeps
  // The options of TrainConfig that it uses, and their defaults.
  std::map<std::string, double> options;
  // w, g and every state[i] have w.size() numbers.
  void (*update)(const TrainConfig& config, const Step& step, std::span<Real> w,
                 std::span<const Real> g, std::span<Real* const> state);
};
const Registry<Optimizer>& optimizers();

}  // namespace attn
