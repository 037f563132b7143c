// Five steps of every optimizer with gradients of many magnitudes, compared with torch.optim.
#include <map>

#include <doctest/doctest.h>

#include "golden/golden.h"
#include "train/config.h"
#include "train/optimizer.h"

namespace attn::test {
namespace {

// Converts options with the names of PyTorch.
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
      FAIL("unknown option: " << name);
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
  // The gradients are sums over four tokens; the optimizer divides them.
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

TEST_CASE("five steps of every optimizer equal those of PyTorch") {
  const Golden golden(ATTN_SOURCE_DIR "/tests/golden/optimizers.safetensors");
  for (const auto& optimizer : optimizers())
    check_optimizer(golden, optimizer.name, optimizer.value);
}

// The first gradient is 1, so that the state after one step is 1 − β or 1 − ρ, up to float
// rounding.
TEST_CASE("the moving averages of optimizers have the decay rates of their options") {
  TrainConfig c;
  c.beta1 = 0.9, c.beta2 = 0.999, c.rho = 0.95;
  const std::map<std::string, std::vector<double>> states = {
      {"adam", {0.1, 0.001}}, {"adamw", {0.1, 0.001}}, {"adadelta", {0.05}}};
  for (const auto& row : states) {
    const std::string& name = row.first;
    const std::vector<double>& expected = row.second;
    CAPTURE(name);
    const Optimizer& optimizer = optimizers().at(name);
    std::vector<Real> w(1), g(1, 1);
    std::vector<std::vector<Real>> state(optimizer.state.size(), std::vector<Real>(1));
    std::vector<Real*> arenas;
    for (auto& arena : state) arenas.push_back(arena.data());
    optimizer.update(c, {1, 0.001, 1}, w, g, arenas);
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(double(state[i][0]) == doctest::Approx(expected[i]).epsilon(1e-7));
  }
}

}  // namespace attn::test
