// Self-attention does not depend on the order of words; every positional encoding changes that.
#include <doctest/doctest.h>

#include "base/error.h"
#include "property/tiny.h"

namespace attn::test {
namespace {

// The h_j of one sentence, and the input of the decoder's initial state.
struct Encoded {
  Mat values, first;
};

Encoded encoded(const ModelConfig& config, const std::vector<int>& words) {
  const Seq2Seq model(config, kSourceWords, kTargetWords);
  const Params w = random_weights(model, RandomKey(17));
  const Words sources[] = {words};
  const std::uint64_t example_ids[] = {0};
  SourceBatch batch;
  batch.assign(sources, example_ids);
  Seq2Seq::Scratch scratch(model);
  const EncoderOutput memory = model.encode(Weights(w), batch, scratch);
  return {memory.values.map(), memory.first.map()};
}

ModelConfig config_with(const std::string& positions) {
  ModelConfig config = tiny_config();
  config.encoder.type = "transformer";
  config.encoder.positional_encoding = positions;
  return config;
}

double difference(const Mat& a, const Mat& b) {
  return double((a - b).cwiseAbs().maxCoeff() / b.cwiseAbs().maxCoeff());
}

}  // namespace

TEST_CASE("only without a positional encoding, permuted words give permuted encoder states") {
  const std::vector<int> words = {7, 2, 9, 4, 11}, order = {3, 0, 4, 2, 1};
  std::vector<int> permuted;
  for (const int j : order) permuted.push_back(words[static_cast<std::size_t>(j)]);
  for (const auto& kind : positional_encodings()) {
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

TEST_CASE("words after the last learned position share its vector and add to its gradient") {
  Layout layout;
  const auto learned = positional_encodings().at("learned").make(Scope(layout) / "encoder", 4, 3);
  Params w(layout), g(layout);
  for (std::size_t i = 0; i < w.flat().size(); ++i) w.flat()[i] = static_cast<Real>(i);
  Mat p(4, 5);
  learned->vectors(Weights(w), p);
  CHECK(p.col(1) != p.col(2));
  CHECK(p.col(3) == p.col(2));
  CHECK(p.col(4) == p.col(2));
  learned->backward(Mat(Mat::Ones(4, 5)), g);
  Mat gradient(4, 3);
  const Slot table = layout.entries()[0].slot;
  for (Index t = 0; t < 3; ++t)
    std::copy_n(g.data(table.row_range(t, 1)), 4, gradient.col(t).data());
  CHECK((gradient.col(0).array() == 1).all());
  CHECK((gradient.col(2).array() == 3).all());
}

}  // namespace attn::test
