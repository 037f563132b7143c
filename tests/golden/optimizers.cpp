// Every optimizer of the table against torch.optim, five steps of gradients of many magnitudes.
#include <doctest/doctest.h>

#include "golden/golden.h"
#include "train/config.h"
#include "train/optimizer.h"

namespace attn::test {
namespace {

// PyTorch's names for the options.
TrainConfig train_config(const std::string& optimizer, const Json& options) {
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
  const TrainConfig c = train_config(name, golden.json().at(name));
  std::vector<double> w = golden.numbers("start"), after;
  const std::vector<double> gradients = golden.numbers("gradients");
  const std::size_t n = w.size();
  std::vector<std::vector<double>> state(optimizer.state.size(), std::vector<double>(n));
  std::vector<double*> arenas;
  for (auto& arena : state) arenas.push_back(arena.data());
  // Gradients come summed over four and are asked for their mean.
  const double count = 4;
  for (std::size_t step = 0; step < 5; ++step) {
    std::vector<double> g(gradients.begin() + static_cast<std::ptrdiff_t>(step * n),
                          gradients.begin() + static_cast<std::ptrdiff_t>((step + 1) * n));
    for (double& x : g) x *= count;
    optimizer.update(c, {static_cast<std::int64_t>(step + 1), c.learning_rate, 1 / count}, w, g,
                     arenas);
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

}  // namespace attn::test
