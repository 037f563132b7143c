// Every optimizer of the table against torch.optim, five steps of gradients of many magnitudes.
#include <map>

#include <doctest/doctest.h>

#include "golden/golden.h"
#include "train/config.h"
#include "train/optimizer.h"

namespace attn::test {
namespace {

// PyTorch's names for the options.
TrainConfig config_of_optimizer(const std::string& optimizer, const Json& options) {
  TrainConfig c;
  c.optimizer = optimizer;
  c.momentum = 0;
  for (const auto& [name, value] : options.items()) {
    if (name == "lr")
      c.learning_rate = value;
    else if (name == "betas")
      c.beta1 = value.at(0), c.beta2 = value.at(1);
    else if (name == "eps")
      c.epsilon = value;
    else if (name == "rho")
      c.rho = value;
    else if (name == "momentum")
      c.momentum = value;
    else if (name == "weight_decay")
      c.weight_decay = value;
    else
      FAIL("an option unknown here: " << name);
  }
  return c;
}

void check_optimizer(const Golden& golden, const std::string& name, const Optimizer& optimizer) {
  CAPTURE(name);
  const TrainConfig c = config_of_optimizer(name, golden.json().at(name));
  const std::vector<double> start = golden.numbers("start"),
                            gradients = golden.numbers("gradients");
  const std::size_t n = start.size();
  std::vector<Real> w(start.begin(), start.end()), g(n);
  std::vector<double> after;
  std::vector<std::vector<Real>> state(optimizer.state.size(), std::vector<Real>(n));
  std::vector<Real*> arenas;
  for (auto& arena : state) arenas.push_back(arena.data());
  // Gradients come summed over four and are asked for their mean.
  const double count = 4;
  for (std::size_t step = 0; step < 5; ++step) {
    for (std::size_t i = 0; i < n; ++i) g[i] = static_cast<Real>(gradients[step * n + i] * count);
    optimizer.update(c, {static_cast<std::int64_t>(step + 1), c.learning_rate, Real(1 / count)}, w,
                     g, arenas);
    after.insert(after.end(), w.begin(), w.end());
  }
  check_close(name, after, golden.numbers(name), 1e-12);
}

}  // namespace

TEST_CASE("every optimizer steps as PyTorch's") {
  const Golden golden(ATTN_SOURCE_DIR "/tests/golden/optimizers.safetensors");
  for (const auto& optimizer : optimizers())
    check_optimizer(golden, optimizer.name, optimizer.value);
}

// What a mean takes of the first gradient, 1: no more than a float's rounding beside it.
TEST_CASE("the means of optimizers are as fast as their options say") {
  TrainConfig c;
  c.beta1 = 0.9, c.beta2 = 0.999, c.rho = 0.95;
  const std::map<std::string, std::vector<double>> means = {
      {"adam", {0.1, 0.001}}, {"adamw", {0.1, 0.001}}, {"adadelta", {0.05}}};
  for (const auto& row : means) {
    const std::string& name = row.first;
    const std::vector<double>& takes = row.second;
    CAPTURE(name);
    const Optimizer& optimizer = optimizers().at(name);
    std::vector<Real> w(1), g(1, 1);
    std::vector<std::vector<Real>> state(optimizer.state.size(), std::vector<Real>(1));
    std::vector<Real*> arenas;
    for (auto& arena : state) arenas.push_back(arena.data());
    optimizer.update(c, {1, 0.001, 1}, w, g, arenas);
    for (std::size_t i = 0; i < takes.size(); ++i)
      CHECK(double(state[i][0]) == doctest::Approx(takes[i]).epsilon(1e-7));
  }
}

}  // namespace attn::test
