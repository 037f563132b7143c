// The learning rate of each update. With train.warmup it first rises from 0, linearly.
#pragma once

#include <cstdint>

#include "base/table.h"

namespace attn {

struct TrainConfig;

// What validations have said so far; saved with the training state.
struct Progress {
  int since_gain = 0;        // validations without gain
  int since_fall = 0;        // … since the plateau schedule last looked up
  double plateau_scale = 1;  // product of the plateau schedule's factors
};

// Times train.learning_rate; update from 1.
using Schedule = double (*)(const TrainConfig& config, std::int64_t update,
                            const Progress& progress);
const Table<Schedule>& schedules();

double learning_rate(const TrainConfig& config, std::int64_t update, const Progress& progress);

// Counts a validation.
void note_validation(const TrainConfig& config, bool gain, Progress& progress);

}  // namespace attn
