// Ten updates with Adam, compared with PyTorch: loss normalization by tokens, clipping and the
// optimizer, combined as in train/trainer.
#include <array>

#include <doctest/doctest.h>

#include "golden/golden.h"
#include "train/config.h"
#include "train/optimizer.h"

namespace attn::test {
namespace {

TrainConfig train_config(const Json& json) {
  TrainConfig c;
  c.optimizer = json.at("type");
  c.learning_rate = json.at("learning_rate");
  c.beta1 = json.at("beta1");
  c.beta2 = json.at("beta2");
  c.epsilon = json.at("epsilon");
  c.clip_norm = json.at("clip_norm");
  c.loss_normalization = json.at("loss_normalization");
  return c;
}

}  // namespace

TEST_CASE("ten updates with Adam equal those of PyTorch") {
  const Golden golden(ATTN_SOURCE_DIR "/tests/golden/adam.safetensors");
  const TrainConfig c = train_config(golden.json().at("optimizer"));
  REQUIRE(c.loss_normalization == "tokens");
  const Seq2Seq model(golden.config(), golden.source_vocabulary(), golden.target_vocabulary());
  const Layout& layout = model.layout();
  Params w(layout), g(layout), m(layout), v(layout);
  golden.load(layout, "w0/", w);
  const Batch batch = golden.batch();
  const auto tokens = static_cast<double>(batch.target.packing().columns());
  Seq2Seq::Scratch scratch(model);

  std::vector<double> losses, norms;
  for (std::int64_t update = 1; update <= golden.json().at("optimizer").at("updates"); ++update) {
    g.set_zero();
    losses.push_back(model
                         .loss_and_gradient(Weights(w), batch, {golden.smoothing()},
                                            DropoutContext{}, scratch, g)
                         .objective /
                     tokens);
    double square = 0;
    for (const Real x : g.flat()) square += double(x) * double(x);
    norms.push_back(std::sqrt(square) / tokens);
    const Step step{update, c.learning_rate,
                    static_cast<Real>(gradient_scale(norms.back(), tokens, c.clip_norm))};
    const std::array state = {m.flat().data(), v.flat().data()};
    optimizers().at(c.optimizer).update(c, step, w.flat(), g.flat(), state);
  }
  check_close("losses", losses, golden.numbers("loss"), 1e-9);
  check_close("norms", norms, golden.numbers("norm"), 1e-9);
  for (const auto& entry : layout.entries())
    check_close(entry.name, values(w, entry), golden.numbers("w10/" + entry.name), 1e-9);
}

}  // namespace attn::test
