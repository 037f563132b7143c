// Models so small that a test may try them all, on made-up sentences.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "model/model_config.h"
#include "model/seq2seq.h"
#include "nn/attention/normalizer.h"
#include "nn/attention/score.h"
#include "nn/attention/window.h"
#include "nn/cell.h"
#include "support/encoders.h"

namespace attn::test {

constexpr Index kSourceWords = 23, kTargetWords = 19;
constexpr int kEnd = 1;  // of a sentence

// Two layers deep, with dropout.
inline ModelConfig tiny_config() {
  ModelConfig config;
  config.embedding_size = 7;
  config.hidden_size = 11;
  config.attention.hidden_size = 12;
  config.encoder.layers = config.decoder.layers = 2;
  config.encoder.heads = 2;
  config.encoder.feed_forward_size = 13;
  config.encoder.max_positions = 11;
  config.encoder.max_relative_position = 3;
  config.decoder.readout_size = 5;
  config.residual = true;
  config.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
  return config;
}

// f(config) for each encoder, each decoder with each cell, each score, each normalizer, each
// window, for several heads, and for what else there is.
template <class F>
void for_each_model(F&& f) {
  const auto with = [&](const std::string& what, auto change) {
    ModelConfig config = tiny_config();
    change(config);
    CAPTURE(what);
    f(config);
  };
  for (const auto& encoder : all_encoders(tiny_config().encoder))
    with(encoder.name, [&](ModelConfig& config) { config.encoder = encoder.config; });
  for (const auto& decoder : decoders())
    for (const auto& cell : cells())
      with(decoder.name + " " + cell.name, [&](ModelConfig& config) {
        config.decoder.type = decoder.name;
        config.cell = cell.name;
      });
  for (const auto& cell : cells())
    with("normalized " + cell.name, [&](ModelConfig& config) {
      config.cell = cell.name;
      config.layer_norm = true;
    });
  for (const auto& score : attention_scores())
    with(score.name, [&](ModelConfig& config) {
      config.attention.score = score.name;
      if (!score.value.has_hidden_layer && !score.value.same_size) config.attention.hidden_size = 0;
    });
  with("all that has no table", [&](ModelConfig& config) {
    config.attention.weight_norm = true;
    config.attention.temperature = 0.7;
    config.decoder.readout_input = "current";
    config.tie_embeddings = "decoder";
    config.decoder.readout = "tanh";
    config.decoder.readout_size = config.embedding_size;
  });
  with("luong, not fed", [&](ModelConfig& config) {
    config.decoder.type = "luong";
    config.decoder.input_feeding = false;
  });
  with("documents, heads: 3", [&](ModelConfig& config) {
    config.encoder.hierarchical = true;
    config.attention.heads = 3;
  });
  for (const auto& normalizer : normalizers())
    with(normalizer.name, [&](ModelConfig& config) {
      config.attention.normalizer = normalizer.name;
      if (normalizer.value.stochastic) config.dropout.attention = 0;
    });
  for (const int heads : {1, 3})
    with("coverage, heads: " + std::to_string(heads), [&](ModelConfig& config) {
      config.attention.coverage = true;
      config.attention.heads = heads;
    });
  for (const auto& window : windows())
    for (const int heads : {1, 3})
      with(window.name + ", heads: " + std::to_string(heads), [&](ModelConfig& config) {
        config.attention.window = window.name;
        config.attention.window_width = 2;
        config.attention.heads = heads;
      });
}

// Large enough for attention that is not flat and for words that differ from step to step.
inline Params random_weights(const Seq2Seq& model, RandomKey key, double deviation = 0.4) {
  Params w(model.layout());
  for (const auto& entry : model.layout().entries())
    for (Index i = 0; i < entry.slot.size(); ++i)
      w.data(entry.slot)[i] = static_cast<Real>(
          deviation * key.at(entry.name).at(static_cast<std::uint64_t>(i)).normal());
  return w;
}

inline std::vector<int> random_sentence(RandomKey key, Index vocabulary) {
  std::vector<int> words(1 + key.at("length").below(7));
  for (std::size_t t = 0; t < words.size(); ++t)
    words[t] = static_cast<int>(2 + key.at(t).below(static_cast<std::uint64_t>(vocabulary - 2)));
  words.push_back(kEnd);
  return words;
}

// A sentence that may hold ends of sentence, also at its begin and side by side: a document.
inline std::vector<int> random_document(RandomKey key, Index vocabulary) {
  std::vector<int> words = random_sentence(key, vocabulary);
  for (std::size_t t = 0; t < words.size(); ++t)
    if (key.at("end").at(t).below(4) == 0) words[t] = kEnd;
  return words;
}

struct Pairs {
  std::vector<std::vector<int>> sources, targets;

  std::size_t size() const { return sources.size(); }
  // Some of them, each under its number as its place.
  Batch batch(std::span<const std::size_t> members) const {
    std::vector<Words> s, t;
    for (const auto i : members) s.push_back(sources[i]), t.push_back(targets[i]);
    Batch out;
    out.assign(s, t, std::vector<std::uint64_t>(members.begin(), members.end()));
    return out;
  }
};

inline Pairs random_pairs(RandomKey key, std::size_t n) {
  Pairs pairs;
  for (std::size_t i = 0; i < n; ++i) {
    pairs.sources.push_back(random_document(key.at("source").at(i), kSourceWords));
    pairs.targets.push_back(random_sentence(key.at("target").at(i), kTargetWords));
  }
  return pairs;
}

// Each number within `tolerance` of the largest one.
inline void check_near(const std::string& what, std::span<const Real> got,
                       std::span<const Real> want, double tolerance) {
  REQUIRE(got.size() == want.size());
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::abs(double(want[i])));
    const double d = std::abs(double(got[i]) - double(want[i]));
    difference = d > difference || std::isnan(d) ? d : difference;
  }
  INFO(what << ": differs by " << difference << ", the largest number is " << largest);
  CHECK(difference <= tolerance * largest);
}

}  // namespace attn::test
