// The moving average of the weights (train.ema_decay) against its closed form
//
//   a_U = Σ_u c_u w_u,  c_0 = Π_j d_j,  c_u = (1 − d_u) Π_{j>u} d_j,
//   d_u = min(decay, (1 + u) / (10 + u))
//
// with the weights w_0 … w_U after initialization and after each update.
#include <cmath>
#include <filesystem>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "property/run.h"
#include "support/approx.h"

namespace attn::test {
namespace {

using Numbers = std::vector<double>;

Numbers copy_of(const Params& w) {
  return {w.flat().begin(), w.flat().end()};
}

Numbers closed_form(const std::vector<Numbers>& weights, const Numbers& decays) {
  Numbers average(weights[0].size());
  for (std::size_t u = 0; u < weights.size(); ++u) {
    double factor = u == 0 ? 1 : 1 - decays[u - 1];
    for (std::size_t j = u; j + 1 < weights.size(); ++j) factor *= decays[j];
    for (std::size_t i = 0; i < average.size(); ++i) average[i] += factor * weights[u][i];
  }
  return average;
}

// Compares the average after each update; `decays` are d_1, d_2, …
void check_average(double ema_decay, const Numbers& decays) {
  CAPTURE(ema_decay);
  TinyTask task(47, 1, 6);
  task.config.train.ema_decay = ema_decay;
  const RunDirectory run(task.config.train.run_dir);
  run.make();
  Pool pool(2);
  Model model = task.model();
  RunLog log(run.path(), 0);
  SingleProcess process;
  Trainer trainer(task.config, task.data, model, run, log, {pool, process});
  trainer.start();
  std::vector<Numbers> weights = {copy_of(model.weights)};
  CHECK(copy_of(trainer.averaged()) == weights[0]);
  Numbers used;
  for (const double decay : decays) {
    trainer.update();
    weights.push_back(copy_of(model.weights));
    used.push_back(decay);
    check_close("average", copy_of(trainer.averaged()), closed_form(weights, used),
                {.absolute = 1e-7, .of_largest = 1e-6});
    CHECK(copy_of(trainer.averaged()) != weights.back());
  }
  double moved = 0;
  for (std::size_t i = 0; i < weights[0].size(); ++i)
    moved = std::max(moved, std::abs(weights.back()[i] - weights[0][i]));
  CHECK(moved > 0.02);  // updates are much larger than the tolerance
}

}  // namespace

TEST_CASE("the moving average of the weights equals its closed form with a small decay") {
  check_average(0.3, {2.0 / 11, 3.0 / 12, 0.3, 0.3, 0.3, 0.3, 0.3});
}

TEST_CASE("the moving average of the weights forgets the initial weights faster than its decay") {
  check_average(0.999, {2.0 / 11, 3.0 / 12, 4.0 / 13, 5.0 / 14, 6.0 / 15, 7.0 / 16, 8.0 / 17});
}

TEST_CASE("without train.ema_decay the weights themselves are validated and saved") {
  TinyTask task(47, 1, 6);
  const RunDirectory run(task.config.train.run_dir);
  run.make();
  Pool pool(1);
  Model model = task.model();
  RunLog log(run.path(), 0);
  SingleProcess process;
  const Trainer trainer(task.config, task.data, model, run, log, {pool, process});
  CHECK(&trainer.averaged() == &model.weights);
}

}  // namespace attn::test
