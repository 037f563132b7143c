// The number of floating-point operations of a model equals the number in its equations and the
// number that the products count.
#include "model/flops.h"

#include <map>

#include "property/tiny.h"

namespace attn::test {
namespace {

Profile profile_of(const std::function<void()>& f) {
  Profile profile;
  const Profiling profiling(&profile, Stage::other);
  f();
  return profile;
}

void check_stage(const Flops& flops, Stage stage, const FlopCounts& want) {
  const char* name = name_of(stage);
  CAPTURE(name);
  CHECK(flops.of(stage).source_word == want.source_word);
  CHECK(flops.of(stage).target_word == want.target_word);
  CHECK(flops.of(stage).word_pair == want.word_pair);
  CHECK(flops.of(stage).source_pair == want.source_pair);
  CHECK(flops.of(stage).segment == want.segment);
  CHECK(flops.of(stage).segment_pair == want.segment_pair);
  CHECK(flops.of(stage).sentence == want.sentence);
  CHECK(flops.of(stage).distinct_source == want.distinct_source);
  CHECK(flops.of(stage).distinct_target == want.distinct_target);
}

// Returns the counts with the operations per distinct source and target word added.
FlopCounts with_distinct(double source, double target, FlopCounts counts) {
  counts.distinct_source = source, counts.distinct_target = target;
  return counts;
}

}  // namespace

// 2 · rows · columns per matrix and word (Bahdanau et al. 2015, appendix A).
TEST_CASE("the operations of Bahdanau's model are those of its equations") {
  const double m = 7, n = 11, a = 13, l = 5, V = 19, D = 2 * n;
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.attention.hidden_size = 13;
  config.decoder.readout_size = 5;
  const std::map<std::string, double> gates_of = {
      {"gru", 3}, {"gru_reset_before", 3}, {"lstm", 4}, {"rnn", 1}};
  for (const auto& row : gates_of) {
    const std::string& cell = row.first;
    const double gates = row.second;
    CAPTURE(cell);
    config.cell = cell;
    const Seq2Seq model(config, 23, 19);
    const Flops flops(model, Weights(Params(model.layout())));
    // Two directions: W x, once per distinct word, and U h.
    check_stage(flops, Stage::encoder,
                with_distinct(2 * 2 * gates * n * m, 0, {0, 2 * 2 * gates * n * n, 0, 0}));
    // U_a h_j; W_a s_{i−1}; v·tanh(…) and α_ij h_j.
    check_stage(flops, Stage::attention, {0, 2 * a * D, 2 * a * n, 2 * a + 2 * D});
    // W_s ←h_1; W E y, once per distinct word; U s and C c.
    check_stage(flops, Stage::decoder,
                with_distinct(0, 2 * gates * n * m, {2 * n * n, 0, 2 * gates * n * (n + D), 0}));
    // V_o E y, once per distinct word; U_o s and C_o c, twice the size for maxout; W_o t.
    check_stage(flops, Stage::output,
                with_distinct(0, 2 * 2 * l * m, {0, 0, 2 * 2 * l * (n + D) + 2 * V * l, 0}));
    for (const Stage stage : {Stage::embedding, Stage::optimizer, Stage::other})
      check_stage(flops, stage, {0, 0, 0, 0});
  }
}

// Vaswani et al. 2017, 3.2 and 3.3; Shaw et al. 2018, eq. 3 and 4.
TEST_CASE("the operations of self-attention are those of its equations") {
  const double m = 7, n = 11, D = 2 * n, f = 13, layers = 3, distances = 2 * 5 + 1;
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.encoder.type = "transformer";
  config.encoder.layers = 3;
  config.encoder.heads = 2;
  config.encoder.feed_forward_size = 13;
  config.encoder.max_relative_position = 5;
  for (const std::string positions : {"sinusoidal", "relative"}) {
    CAPTURE(positions);
    config.encoder.positional_encoding = positions;
    const Seq2Seq model(config, 23, 19);
    const Flops flops(model, Weights(Params(model.layout())));
    // W E w; for each layer W [q; k; v], W_o z, W_1 and W_2; q·a and Σ α b of all heads together.
    double word = 2 * D * m + layers * (2 * 3 * D * D + 2 * D * D + 2 * 2 * f * D);
    if (positions == "relative") word += layers * 2 * 2 * distances * D;
    // q·k and Σ α v of all heads together.
    check_stage(flops, Stage::encoder, {0, word, 0, 0, layers * (2 * D + 2 * D)});
    // W_s of the mean of the h_j.
    CHECK(flops.of(Stage::decoder).sentence == 2 * n * D);
  }
}

// Nallapati et al. 2016, 2.4.
TEST_CASE("the operations of two-level attention are those of its equations") {
  const double n = 11, a = 13, gates = 3, D = 2 * n;
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.attention.hidden_size = 13;
  const Seq2Seq words(config, 23, 19);
  config.encoder.hierarchical = true;
  const Seq2Seq both(config, 23, 19);
  const Flops flat(words, Weights(Params(words.layout()))),
      flops(both, Weights(Params(both.layout())));
  // Two directions: W x and U h, where x has the size of h_j.
  FlopCounts want = flat.of(Stage::encoder);
  want.segment = 2 * (2 * gates * n * D + 2 * gates * n * n);
  check_stage(flops, Stage::encoder, want);
  // U h'_s; W s_{i−1}; v·tanh(…). Segments have no weighted sum.
  want = flat.of(Stage::attention);
  want.segment = 2 * a * D, want.target_word += 2 * a * n, want.segment_pair = 2 * a;
  check_stage(flops, Stage::attention, want);
  for (const Stage stage : {Stage::decoder, Stage::output})
    check_stage(flops, stage, flat.of(stage));
}

TEST_CASE(
    "a forward pass counts as many operations as the formula, and an update three times as many") {
  const Pairs pairs = random_pairs(RandomKey(1), 9);
  std::vector<std::size_t> members(pairs.size());
  std::iota(members.begin(), members.end(), 0U);
  const Batch batch = pairs.batch(members);
  FlopCounts amounts;
  amounts.distinct_source = static_cast<double>(batch.source.columns().unique.values().size());
  amounts.distinct_target =
      static_cast<double>(batch.target.input_columns().unique.values().size());
  CHECK(amounts.distinct_source < static_cast<double>(batch.source.ids().size()));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto s = static_cast<double>(pairs.sources[i].size());
    const auto t = static_cast<double>(pairs.targets[i].size());
    amounts.sentence += 1, amounts.source_word += s, amounts.target_word += t;
    amounts.word_pair += s * t, amounts.source_pair += s * s;
    const auto segments =
        static_cast<double>(std::count(pairs.sources[i].begin(), pairs.sources[i].end(), kEnd));
    amounts.segment += segments, amounts.segment_pair += segments * t;
  }
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params w = random_weights(model, RandomKey(2));
    const Flops flops(model, Weights(w));
    Seq2Seq::Scratch scratch(model);
    Params g(model.layout());
    const Profile forward =
        profile_of([&] { model.loss(Weights(w), batch, {}, DropoutContext{}, scratch); });
    const Profile both = profile_of(
        [&] { model.loss_and_gradient(Weights(w), batch, {}, DropoutContext{}, scratch, g); });
    CHECK(flops.operations(amounts) == static_cast<double>(forward.operations()));
    CHECK(flops.operations(amounts) > 0);
    for (std::size_t i = 0; i < kStages; ++i) {
      const auto stage = static_cast<Stage>(i);
      const char* name = name_of(stage);
      CAPTURE(name);
      CHECK(flops.operations(stage, amounts) == static_cast<double>(forward.operations(stage)));
      CHECK(both.operations(stage) == 3 * forward.operations(stage));
    }
  });
}

}  // namespace attn::test
