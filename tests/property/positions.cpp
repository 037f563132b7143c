// Self-attention alone forgets the order of words; each kind of position tells it.
#include <doctest/doctest.h>

#include "base/error.h"
#include "property/tiny.h"

namespace attn::test {
namespace {

// h_j and the start of one sentence.
struct Encoded {
  Mat values, first;
};

Encoded encoded(const ModelConfig& config, const std::vector<int>& words) {
  const Seq2Seq model(config, kSourceWords, kTargetWords);
  const Params w = random_weights(model, RandomKey(17));
  const Words sources[] = {words};
  const std::uint64_t places[] = {0};
  SourceBatch batch;
  batch.assign(sources, places);
  Seq2Seq::Scratch scratch(model);
  const Memory memory = model.encode(w, batch, scratch);
  return {memory.values, memory.first};
}

ModelConfig config_with(const std::string& positions) {
  ModelConfig config = tiny_config();
  config.encoder.type = "self_attention";
  config.encoder.positions = positions;
  return config;
}

double difference(const Mat& a, const Mat& b) {
  return double((a - b).cwiseAbs().maxCoeff() / b.cwiseAbs().maxCoeff());
}

}  // namespace

TEST_CASE("without positions permuted words give permuted outputs, with any kind they do not") {
  const std::vector<int> words = {7, 2, 9, 4, 11}, order = {3, 0, 4, 2, 1};
  std::vector<int> permuted;
  for (const int j : order) permuted.push_back(words[static_cast<std::size_t>(j)]);
  for (const auto& kind : positions()) {
    CAPTURE(kind.name);
    const Encoded before = encoded(config_with(kind.name), words);
    const Encoded after = encoded(config_with(kind.name), permuted);
    Mat expected(before.values.rows(), before.values.cols());
    for (Index j = 0; j < expected.cols(); ++j)
      expected.col(j) = before.values.col(order[static_cast<std::size_t>(j)]);
    if (kind.name == "none") {
      CHECK(difference(after.values, expected) < 1e-5);
      CHECK(difference(after.first, before.first) < 1e-5);
    } else {
      CHECK(difference(after.values, expected) > 0.01);
      CHECK(difference(after.first, before.first) > 0.001);
    }
  }
}

TEST_CASE("a word beyond the learned positions is an error that says what to do") {
  const ModelConfig config = config_with("learned");
  const std::vector<int> words(static_cast<std::size_t>(config.encoder.max_positions), 3);
  CHECK(encoded(config, words).values.allFinite());
  std::vector<int> longer = words;
  longer.push_back(3);
  CHECK_THROWS_WITH_AS(encoded(config, longer),
                       doctest::Contains("a source sentence of 12 pieces, its end counted, is "
                                         "longer than model.encoder.max_positions (11): shorten"),
                       Error);
}

}  // namespace attn::test
