// The results of a batch are those of its sentences alone, in any order.
#include <doctest/doctest.h>

#include "property/tiny.h"

namespace attn::test {
namespace {

constexpr double kSmoothing = 0.1;
// Relative to the largest number. One rounding in float32 has a relative error of about 6e-8.
constexpr double kTolerance = 1e-5;

// The results of a model; log_probs[i] and weights[i] are those of pair i.
struct Results {
  explicit Results(const Layout& layout, std::size_t pairs)
      : log_probs(pairs), weights(pairs), gradient(layout) {}
  double objective = 0, cross_entropy = 0, correct = 0;
  std::vector<std::vector<Real>> log_probs, weights;
  Params gradient;
};

// Adds the results of one batch.
void add_batch(const Seq2Seq& model, const Params& w, const Pairs& pairs,
               const std::vector<std::size_t>& members, const DropoutContext& noise,
               Results& results) {
  const Batch batch = pairs.batch(members);
  Seq2Seq::Scratch scratch(model);
  const auto loss =
      model.loss_and_gradient(Weights(w), batch, {kSmoothing}, noise, scratch, results.gradient);
  results.objective += loss.objective;
  results.cross_entropy += loss.cross_entropy;
  results.correct += loss.correct;
  for (std::size_t b = 0; b < members.size(); ++b) {
    const std::size_t pair = members[batch.order[b]];
    const int sequence = static_cast<int>(b);
    for (int t = 0; t < batch.target.packing().length(sequence); ++t)
      results.log_probs[pair].push_back(
          scratch.log_probs[static_cast<std::size_t>(batch.target.packing().column(sequence, t))]);
    auto& weights = results.weights[pair];
    weights.clear();
    for (int head = 0; head < model.decoder().attention().heads(); ++head) {
      const auto begin = scratch.weights.begin() + batch.target.weight_begin(sequence, head);
      weights.insert(weights.end(), begin,
                     begin + batch.target.weight_begins()[b + 1] - batch.target.weight_begins()[b]);
    }
  }
}

void check_same(const Layout& layout, const Results& got, const Results& want) {
  CHECK(got.objective == doctest::Approx(want.objective).epsilon(kTolerance));
  CHECK(got.cross_entropy == doctest::Approx(want.cross_entropy).epsilon(kTolerance));
  CHECK(got.correct == want.correct);
  for (std::size_t i = 0; i < want.log_probs.size(); ++i) {
    CAPTURE(i);
    check_near("log-probabilities", got.log_probs[i], want.log_probs[i], kTolerance);
    check_near("weights", got.weights[i], want.weights[i], kTolerance);
  }
  for (const auto& entry : layout.entries()) {
    const auto size = static_cast<std::size_t>(entry.slot.size());
    check_near("gradient of " + entry.name, {got.gradient.data(entry.slot), size},
               {want.gradient.data(entry.slot), size}, kTolerance);
  }
}

}  // namespace

TEST_CASE("the results of a batch are those of its sentences alone, in any order") {
  const RandomKey key(3);
  const Pairs pairs = random_pairs(key, 11);
  const DropoutContext noise{true, key.at("noise")};
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params w = random_weights(model, key.at("weights"));
    Results together(model.layout(), 11), alone(model.layout(), 11), shuffled(model.layout(), 11);
    std::vector<std::size_t> all(11);
    std::iota(all.begin(), all.end(), std::size_t{0});
    add_batch(model, w, pairs, all, noise, together);
    for (const auto i : all) add_batch(model, w, pairs, {i}, noise, alone);
    shuffle(all, key.at("order"));
    add_batch(model, w, pairs, all, noise, shuffled);
    check_same(model.layout(), together, alone);
    check_same(model.layout(), shuffled, together);
    CHECK(shuffled.objective != 0);
  });
}

}  // namespace attn::test
