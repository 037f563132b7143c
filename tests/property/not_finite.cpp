// A run that diverges stops with an error and keeps its last good checkpoint.
#include <doctest/doctest.h>

#include "property/run.h"
#include "train/trained_model.h"

namespace attn::test {
namespace {

std::string diverge(TinyTask& task, double learning_rate) {
  auto& c = task.config.train;
  c.optimizer = "sgd";
  c.learning_rate = learning_rate;
  c.clip_norm = 0;
  c.valid_every = 1;
  c.max_updates = 50;
  return error_of([&] { start_run(task, task.config); });
}

bool names_a_tensor(const std::string& message, const Layout& layout) {
  return std::any_of(layout.entries().begin(), layout.entries().end(), [&](const Entry& entry) {
    return message.find(" " + entry.name + " ") != std::string::npos;
  });
}

void check_last(const TinyTask& task) {
  const Model last = load_model(task.config.train.run_dir / "last").model;
  for (const auto& entry : last.network.layout().entries())
    CHECK(last.weights.vector(entry.slot).map().allFinite());
}

}  // namespace

TEST_CASE("the error for a gradient that is not finite names update, batch and tensor") {
  for (const double learning_rate : {1e3, 1e15}) {  // squares overflow; gradients overflow
    TinyTask task(40, 1, 5);
    const std::string message = diverge(task, learning_rate);
    INFO(message);
    CHECK(message.starts_with("update "));
    CHECK(message.find(", batch ") != std::string::npos);
    CHECK(message.find((task.config.train.run_dir / "last").string()) != std::string::npos);
    CHECK(names_a_tensor(message, task.model().network.layout()));
    check_last(task);
  }
}

TEST_CASE("weights that are not finite are never saved") {
  TinyTask task(40, 1, 5);
  const std::string message = diverge(task, 1e39);
  INFO(message);
  CHECK(message.starts_with("update 1: "));
  CHECK(names_a_tensor(message, task.model().network.layout()));
  CHECK(message.find("there is no checkpoint yet") != std::string::npos);
  CHECK(!std::filesystem::exists(task.config.train.run_dir / "last"));
}

}  // namespace attn::test
