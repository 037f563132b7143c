// The learning rate of each update. With train.warmup it first rises from 0, linearly.
#pragma once

#include <cstdint>

#include "base/registry.h"

namespace attn {

struct TrainConfig;

// What validations have said so far; saved with the training state.
struct Progress {
  int validations_since_best = 0;   // validations without gain
  int validations_since_decay = 0;  // … since the plateau schedule last looked up
  double plateau_scale = 1;         // product of the plateau schedule's factors
};

// Times train.learning_rate; update from 1.
using Schedule = double (*)(const TrainConfig& config, std::int64_t update,
                            const Progress& progress);
const Registry<Schedule>& schedules();

double learning_rate(const TrainConfig& config, std::int64_t update, const Progress& progress);

// Counts a validation.
void record_validation(const TrainConfig& config, bool gain, Progress& progress);

}  // namespace attn
