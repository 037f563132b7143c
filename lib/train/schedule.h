// Learning rate schedules. The learning rate of update u, counted from 1, is
//
//   η(u) = η₀ · min(1, u / warmup) · s(u)
//
// with η₀ = train.learning_rate and warmup = train.warmup (0: no warm-up); s is the schedule.
#pragma once

#include <cstdint>

#include "base/registry.h"

namespace attn {

struct TrainConfig;

// Counts of the validations so far, on which the plateau schedule and train.patience depend. They
// are part of the saved training state.
struct Progress {
  int validations_since_best = 0;  // validations since the last improvement
  // Validations since the last improvement or the last decay of the plateau schedule.
  int validations_since_decay = 0;
  double plateau_scale = 1;  // product of all decays of the plateau schedule
};

// Returns s(u), the factor on train.learning_rate at an update, without the warm-up.
using Schedule = double (*)(const TrainConfig& config, std::int64_t update,
                            const Progress& progress);
// Returns the table of all schedules.
const Registry<Schedule>& schedules();

// Returns the learning rate of an update, counted from 1.
double learning_rate(const TrainConfig& config, std::int64_t update, const Progress& progress);

// Updates `progress` after a validation. `improved` states whether it was the best so far.
void record_validation(const TrainConfig& config, bool improved, Progress& progress);

}  // namespace attn
