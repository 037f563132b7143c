// The work of a model by its formula: as counted, and as reckoned by hand.
#include "model/work.h"

#include <map>

#include "property/tiny.h"

namespace attn::test {
namespace {

Profile profile_of(const std::function<void()>& f) {
  Profile profile;
  const Profiling profiling(&profile, Part::other);
  f();
  return profile;
}

void check_of(const Work& work, Part part, const Work::Of& want) {
  const char* name = name_of(part);
  CAPTURE(name);
  CHECK(work.of(part).source_word == want.source_word);
  CHECK(work.of(part).target_word == want.target_word);
  CHECK(work.of(part).word_pair == want.word_pair);
  CHECK(work.of(part).source_pair == want.source_pair);
  CHECK(work.of(part).part == want.part);
  CHECK(work.of(part).part_pair == want.part_pair);
  CHECK(work.of(part).sentence == want.sentence);
  CHECK(work.of(part).distinct_source == want.distinct_source);
  CHECK(work.of(part).distinct_target == want.distinct_target);
}

Work::Of distinct(double source, double target, Work::Of of) {
  of.distinct_source = source, of.distinct_target = target;
  return of;
}

}  // namespace

// 2 · rows · columns for each matrix and word it reads (Bahdanau et al. 2015, appendix A).
TEST_CASE("the work of Bahdanau's model is that of its equations") {
  const double m = 7, n = 11, a = 13, l = 5, V = 19, D = 2 * n;
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.attention.size = 13;
  config.decoder.readout_size = 5;
  const std::map<std::string, double> gates_of = {
      {"gru", 3}, {"gru_paper", 3}, {"lstm", 4}, {"rnn", 1}};
  for (const auto& row : gates_of) {
    const std::string& cell = row.first;
    const double gates = row.second;
    CAPTURE(cell);
    config.cell = cell;
    const Seq2Seq model(config, 23, 19);
    const Work work(model, Params(model.layout()));
    // Two directions: W x, of equal words once, and U h.
    check_of(work, Part::encoder,
             distinct(2 * 2 * gates * n * m, 0, {0, 2 * 2 * gates * n * n, 0, 0}));
    // U_a h_j; W_a s_{i−1}; v·tanh(…) and α_ij h_j.
    check_of(work, Part::attention, {0, 2 * a * D, 2 * a * n, 2 * a + 2 * D});
    // W_s ←h_1; W E y, of equal words once; U s and C c.
    check_of(work, Part::decoder,
             distinct(0, 2 * gates * n * m, {2 * n * n, 0, 2 * gates * n * (n + D), 0}));
    // V_o E y, of equal words once; U_o s and C_o c, of pairs for the maxout; W_o t.
    check_of(work, Part::output,
             distinct(0, 2 * 2 * l * m, {0, 0, 2 * 2 * l * (n + D) + 2 * V * l, 0}));
    for (const Part part : {Part::embedding, Part::optimizer, Part::other})
      check_of(work, part, {0, 0, 0, 0});
  }
}

// Vaswani et al. 2017, 3.2 and 3.3; Shaw et al. 2018, eq. 3 and 4.
TEST_CASE("the work of self-attention is that of its equations") {
  const double m = 7, n = 11, D = 2 * n, f = 13, layers = 3, distances = 2 * 5 + 1;
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.encoder.type = "self_attention";
  config.encoder.layers = 3;
  config.encoder.heads = 2;
  config.encoder.feed_forward_size = 13;
  config.encoder.relative_distance = 5;
  for (const std::string positions : {"sinusoidal", "relative"}) {
    CAPTURE(positions);
    config.encoder.positions = positions;
    const Seq2Seq model(config, 23, 19);
    const Work work(model, Params(model.layout()));
    // W E w; of each layer W [q; k; v], W_o z, W_1 and W_2; q·a and Σ α b of all heads together.
    double word = 2 * D * m + layers * (2 * 3 * D * D + 2 * D * D + 2 * 2 * f * D);
    if (positions == "relative") word += layers * 2 * 2 * distances * D;
    // q·k and Σ α v of all heads together.
    check_of(work, Part::encoder, {0, word, 0, 0, layers * (2 * D + 2 * D)});
    // W_s of the mean of the h_j.
    CHECK(work.of(Part::decoder).sentence == 2 * n * D);
  }
}

// Nallapati et al. 2016, 2.4.
TEST_CASE("the work of attention to words and sentences is that of its equations") {
  const double n = 11, a = 13, gates = 3, D = 2 * n;
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.attention.size = 13;
  const Seq2Seq words(config, 23, 19);
  config.encoder.hierarchical = true;
  const Seq2Seq both(config, 23, 19);
  const Work flat(words, Params(words.layout())), work(both, Params(both.layout()));
  // Two directions: W x and U h, of x as large as h_j.
  Work::Of want = flat.of(Part::encoder);
  want.part = 2 * (2 * gates * n * D + 2 * gates * n * n);
  check_of(work, Part::encoder, want);
  // U h'_s; W s_{i−1}; v·tanh(…): the weighted sum is over words alone.
  want = flat.of(Part::attention);
  want.part = 2 * a * D, want.target_word += 2 * a * n, want.part_pair = 2 * a;
  check_of(work, Part::attention, want);
  for (const Part part : {Part::decoder, Part::output}) check_of(work, part, flat.of(part));
}

TEST_CASE("a batch's forward pass does the work of the formula, with its gradient three times it") {
  const Pairs pairs = random_pairs(RandomKey(1), 9);
  std::vector<std::size_t> members(pairs.size());
  std::iota(members.begin(), members.end(), 0U);
  const Batch batch = pairs.batch(members);
  Work::Of amounts;
  amounts.distinct_source = static_cast<double>(batch.source.columns().distinct.numbers().size());
  amounts.distinct_target =
      static_cast<double>(batch.target.input_columns().distinct.numbers().size());
  CHECK(amounts.distinct_source < static_cast<double>(batch.source.ids().size()));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto s = static_cast<double>(pairs.sources[i].size());
    const auto t = static_cast<double>(pairs.targets[i].size());
    amounts.sentence += 1, amounts.source_word += s, amounts.target_word += t;
    amounts.word_pair += s * t, amounts.source_pair += s * s;
    const auto parts =
        static_cast<double>(std::count(pairs.sources[i].begin(), pairs.sources[i].end(), kEnd));
    amounts.part += parts, amounts.part_pair += parts * t;
  }
  for_each_model([&](const ModelConfig& config) {
    const Seq2Seq model(config, kSourceWords, kTargetWords);
    const Params w = random_weights(model, RandomKey(2));
    const Work work(model, w);
    Seq2Seq::Scratch scratch(model);
    Params g(model.layout());
    const Profile forward = profile_of([&] { model.loss(w, batch, {}, Noise{}, scratch); });
    const Profile both =
        profile_of([&] { model.loss_and_gradient(w, batch, {}, Noise{}, scratch, g); });
    CHECK(work.operations(amounts) == static_cast<double>(forward.operations()));
    CHECK(work.operations(amounts) > 0);
    for (std::size_t i = 0; i < kParts; ++i) {
      const auto part = static_cast<Part>(i);
      const char* name = name_of(part);
      CAPTURE(name);
      CHECK(work.operations(part, amounts) == static_cast<double>(forward.operations(part)));
      CHECK(both.operations(part) == 3 * forward.operations(part));
    }
  });
}

}  // namespace attn::test
