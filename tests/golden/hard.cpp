// The gradient estimate of hard attention for whole sentences. Its mean over all possible samples
// is the gradient of the expected loss, which make_golden.py computes with autograd.
#include <algorithm>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "golden/golden.h"

namespace attn::test {
namespace {

// Returns the source positions that were sampled for a sentence, the heads of a target word side by
// side.
std::vector<int> sampled_positions(const Batch& batch, const std::vector<Real>& weights,
                                   int heads) {
  std::vector<int> positions;
  const Index length = batch.source.begins()[1];
  for (int t = 0; t < batch.target.packing().length(0); ++t)
    for (int head = 0; head < heads; ++head) {
      const auto from = weights.begin() + batch.target.weight_begin(0, head) + t * length;
      positions.push_back(static_cast<int>(std::max_element(from, from + length) - from));
      REQUIRE(std::count(from, from + length, Real(0)) == length - 1);
    }
  return positions;
}

void check_hard(const std::string& name, double baseline) {
  CAPTURE(name);
  CAPTURE(baseline);
  const Golden golden(ATTN_SOURCE_DIR "/tests/golden/" + name + ".safetensors");
  const Seq2Seq model(golden.config(), golden.source_vocabulary(), golden.target_vocabulary());
  Params w(model.layout()), mean(model.layout());
  golden.load(model.layout(), "w/", w);
  const Batch batch = golden.batch();
  const auto probabilities = golden.numbers("probabilities"),
             log_probs = golden.numbers("log_probs");
  const auto samples = golden.rows("samples");
  std::map<std::vector<int>, std::size_t> missing;
  for (std::size_t i = 0; i < samples.size(); ++i) missing[samples[i]] = i;

  Objective objective;
  objective.expected_log_prob = baseline;
  Seq2Seq::Scratch scratch(model);
  for (std::uint64_t seed = 0; !missing.empty(); ++seed) {
    REQUIRE(seed < 100000);
    Params g(model.layout());
    const DropoutContext noise{true, RandomKey(seed)};
    const auto loss = model.loss_and_gradient(Weights(w), batch, objective, noise, scratch, g);
    const auto found = missing.find(
        sampled_positions(batch, scratch.weights, model.decoder().attention().heads()));
    if (found == missing.end()) continue;  // sampled before
    check_close("loss", {loss.objective}, {-log_probs[found->second]});
    for (std::size_t k = 0; k < g.flat().size(); ++k)
      mean.flat()[k] += static_cast<Real>(probabilities[found->second]) * g.flat()[k];
    missing.erase(found);
  }
  for (const auto& entry : model.layout().entries())
    // The estimates of different samples partly cancel, which amplifies float rounding.
    check_close("gradient of " + entry.name, values(mean, entry), golden.numbers("g/" + entry.name),
                1e-10, 5e-3);
}

}  // namespace

TEST_CASE(
    "for any baseline, the mean gradient estimate of hard attention equals the gradient of "
    "PyTorch") {
  for (const std::string name :
       {"hard", "hard_luong_heads", "hard_conditional", "hard_coverage_heads", "hard_local_p"})
    for (const double baseline : {0.0, -2.5}) check_hard(name, baseline);
}

}  // namespace attn::test
