// Learning rates against values computed by hand.
#include "train/schedule.h"

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "train/train_config.h"

namespace attn::test {
namespace {

TrainConfig schedule_config(const std::string& schedule, double rate, int warmup) {
  TrainConfig c;
  c.schedule = schedule;
  c.learning_rate = rate;
  c.warmup = warmup;
  return c;
}

using Rates = std::vector<std::pair<std::int64_t, double>>;  // update, learning rate

void check_rates(const TrainConfig& config, const Rates& rates) {
  for (const auto& point : rates) {
    const std::int64_t update = point.first;
    CAPTURE(update);
    CHECK(learning_rate(config, update, {}) == doctest::Approx(point.second).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("the constant schedule rises linearly to the learning rate and keeps it") {
  check_rates(schedule_config("constant", 0.4, 0),
              {{1, 0.4}, {2, 0.4}, {3, 0.4}, {1000, 0.4}, {1000000000000, 0.4}});
  check_rates(schedule_config("constant", 0.4, 4),
              {{1, 0.1}, {2, 0.2}, {3, 0.3}, {4, 0.4}, {5, 0.4}, {1000000000000, 0.4}});
}

TEST_CASE("the inverse_sqrt schedule decays with the square root of warmup / update") {
  // 0.4 · √(4 / u) = 0.8 / √u after the warm-up.
  check_rates(schedule_config("inverse_sqrt", 0.4, 4), {{1, 0.1},
                                                        {2, 0.2},
                                                        {3, 0.3},
                                                        {4, 0.4},
                                                        {5, 0.8 / std::sqrt(5.0)},
                                                        {9, 0.8 / 3},
                                                        {16, 0.2},
                                                        {64, 0.1},
                                                        {1600, 0.02}});
}

TEST_CASE("the cosine schedule decays along half a cosine to the minimum rate") {
  TrainConfig c = schedule_config("cosine", 0.8, 4);
  c.min_learning_rate = 0.2;
  c.decay_updates = 16;  // 12 updates of decay: 15 degrees per update
  const double r2 = std::sqrt(2.0), r3 = std::sqrt(3.0);
  check_rates(c, {{1, 0.2},
                  {2, 0.4},
                  {3, 0.6},
                  {4, 0.8},
                  {6, 0.2 + 0.6 * (1 + r3 / 2) / 2},  // 30 degrees
                  {7, 0.2 + 0.6 * (1 + r2 / 2) / 2},  // 45 degrees
                  {8, 0.65},                          // 60 degrees
                  {10, 0.5},
                  {12, 0.35},
                  {13, 0.2 + 0.6 * (1 - r2 / 2) / 2},
                  {16, 0.2},
                  {17, 0.2},
                  {1000, 0.2}});
}

TEST_CASE("without a minimum rate the cosine schedule ends at zero") {
  TrainConfig c = schedule_config("cosine", 4, 0);
  c.decay_updates = 6;
  check_rates(c, {{2, 3}, {3, 2}, {4, 1}});
  for (const std::int64_t update : {6, 7, 100})
    CHECK(learning_rate(c, update, {}) == doctest::Approx(0).epsilon(1e-12));
}

TEST_CASE("the plateau schedule decays after plateau_patience validations without improvement") {
  TrainConfig c = schedule_config("plateau", 0.8, 0);
  c.plateau_factor = 0.5;
  c.plateau_patience = 2;
  c.min_learning_rate = 0.15;
  struct PlateauStep {
    bool improved;
    double rate;     // after the validation
    int since_best;  // validations since the best
  };
  // The rate decays at the second validation without improvement, and again two validations later.
  // An improvement does not raise it. Half of 0.2 is below the minimum rate.
  const std::vector<PlateauStep> steps = {
      {true, 0.8, 0},  {false, 0.8, 1},  {true, 0.8, 0},   {false, 0.8, 1},
      {false, 0.4, 2}, {false, 0.4, 3},  {false, 0.2, 4},  {true, 0.2, 0},
      {false, 0.2, 1}, {false, 0.15, 2}, {false, 0.15, 3}, {false, 0.15, 4},
  };
  Progress progress;
  CHECK(learning_rate(c, 1, progress) == doctest::Approx(0.8));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    record_validation(c, steps[i].improved, progress);
    CHECK(progress.validations_since_best == steps[i].since_best);
    for (const std::int64_t update : {1, 2, 10, 1000, 100000})
      CHECK(learning_rate(c, update, progress) == doctest::Approx(steps[i].rate).epsilon(1e-12));
  }
}

TEST_CASE("the warm-up also applies to a decayed plateau schedule") {
  TrainConfig c = schedule_config("plateau", 0.8, 4);
  c.plateau_factor = 0.25;
  Progress progress;
  record_validation(c, false, progress);  // the default patience is 1
  for (const auto& [update, rate] : Rates{{1, 0.05}, {2, 0.1}, {3, 0.15}, {4, 0.2}, {5, 0.2}})
    CHECK(learning_rate(c, update, progress) == doctest::Approx(rate).epsilon(1e-12));
}

TEST_CASE("validations do not change the other schedules") {
  for (const std::string name : {"constant", "inverse_sqrt", "cosine"}) {
    CAPTURE(name);
    TrainConfig c = schedule_config(name, 0.8, 2);
    c.decay_updates = 100;
    Progress progress;
    for (int i = 1; i <= 5; ++i) {
      record_validation(c, false, progress);
      CHECK(progress.validations_since_best == i);  // train.patience needs it
      CHECK(learning_rate(c, 7, progress) == learning_rate(c, 7, {}));
    }
  }
}

TEST_CASE("every schedule is tested against its formula") {
  std::set<std::string> names;
  for (const auto& schedule : schedules()) names.insert(schedule.name);
  CHECK(names == std::set<std::string>{"constant", "cosine", "inverse_sqrt", "plateau"});
}

}  // namespace attn::test
