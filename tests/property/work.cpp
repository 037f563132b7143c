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
  CHECK(work.of(part).sentence == want.sentence);
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
    // Two directions: W x and U h.
    check_of(work, Part::encoder, {0, 2 * (2 * gates * n * m + 2 * gates * n * n), 0, 0});
    // U_a h_j; W_a s_{i−1}; v·tanh(…) and α_ij h_j.
    check_of(work, Part::attention, {0, 2 * a * D, 2 * a * n, 2 * a + 2 * D});
    // W_s ←h_1; W E y, U s and C c.
    check_of(work, Part::decoder, {2 * n * n, 0, 2 * gates * n * (m + n + D), 0});
    // U_o s, V_o E y, C_o c, of pairs for the maxout; W_o t.
    check_of(work, Part::output, {0, 0, 2 * 2 * l * (n + m + D) + 2 * V * l, 0});
    for (const Part part : {Part::embedding, Part::optimizer, Part::other})
      check_of(work, part, {0, 0, 0, 0});
  }
}

TEST_CASE("a batch's forward pass does the work of the formula, with its gradient three times it") {
  const Pairs pairs = random_pairs(RandomKey(1), 9);
  std::vector<std::size_t> members(pairs.size());
  std::iota(members.begin(), members.end(), 0U);
  const Batch batch = pairs.batch(members);
  Work::Of amounts;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto s = static_cast<double>(pairs.sources[i].size());
    const auto t = static_cast<double>(pairs.targets[i].size());
    amounts.sentence += 1, amounts.source_word += s, amounts.target_word += t;
    amounts.word_pair += s * t;
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
