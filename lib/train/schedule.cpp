#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "train/config.h"

namespace attn {
namespace {

double constant(const TrainConfig&, std::int64_t, const Progress&) {
  return 1;
}

// √(warmup / u) after the warm-up, 1 before (Vaswani et al. 2017, section 5.3).
double inverse_sqrt(const TrainConfig& c, std::int64_t update, const Progress&) {
  const double warmup = std::max(c.warmup, 1);
  return std::sqrt(warmup / std::max(static_cast<double>(update), warmup));
}

// low + (1 − low) (1 + cos πf) / 2, where the fraction f goes from 0 at the end of the warm-up to 1
// at train.decay_updates, and low = min_learning_rate / learning_rate (Loshchilov and Hutter 2017,
// eq. 5, without restarts).
double cosine(const TrainConfig& c, std::int64_t update, const Progress&) {
  const double length = std::max(c.decay_updates - c.warmup, 1);
  const double fraction = std::clamp(static_cast<double>(update - c.warmup) / length, 0.0, 1.0);
  const double low = c.min_learning_rate / c.learning_rate;
  return low + (1 - low) * 0.5 * (1 + std::cos(std::numbers::pi * fraction));
}

// The product of the decays so far, at least min_learning_rate / learning_rate.
double plateau(const TrainConfig& c, std::int64_t, const Progress& progress) {
  return std::max(progress.plateau_scale, c.min_learning_rate / c.learning_rate);
}

}  // namespace

const Registry<Schedule>& schedules() {
  static const Registry<Schedule> table = {
      {"constant", "no decay", constant},
      {"inverse_sqrt",
       "decays with the inverse square root of the updates after the warm-up (Vaswani et al. 2017)",
       inverse_sqrt},
      {"cosine", "decays along half a cosine (Loshchilov and Hutter 2017)", cosine},
      {"plateau", "decays by a factor when validations no longer improve", plateau},
  };
  return table;
}

double learning_rate(const TrainConfig& config, std::int64_t update, const Progress& progress) {
  const double warmup =
      config.warmup > 0
          ? std::min(1.0, static_cast<double>(update) / static_cast<double>(config.warmup))
          : 1.0;
  return config.learning_rate * warmup * schedules().at(config.schedule)(config, update, progress);
}

void record_validation(const TrainConfig& config, bool improved, Progress& progress) {
  progress.validations_since_best = improved ? 0 : progress.validations_since_best + 1;
  progress.validations_since_decay = improved ? 0 : progress.validations_since_decay + 1;
  if (schedules().at(config.schedule) != plateau ||
      progress.validations_since_decay < config.plateau_patience)
    return;
  progress.plateau_scale *= config.plateau_factor;
  progress.validations_since_decay = 0;
}

}  // namespace attn
