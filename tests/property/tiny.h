// Tiny models of every kind, and random sentence pairs for them.
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
#include "support/approx.h"
#include "support/encoders.h"

namespace attn::test {

constexpr Index kSourceWords = 23, kTargetWords = 19;
constexpr int kEnd = 1;  // end of sentence

// Returns a config with two layers and dropout.
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

// Calls add(name, change) for every encoder, every decoder with every cell, and all other variants
// outside of the attention. change(config) makes the variant.
template <class Add>
void add_architectures(Add&& add) {
  for (const auto& encoder : all_encoders(tiny_config().encoder))
    add(encoder.name, [&](ModelConfig& config) { config.encoder = encoder.config; });
  for (const auto& decoder : decoders())
    for (const auto& cell : cells())
      add(decoder.name + " " + cell.name, [&](ModelConfig& config) {
        config.decoder.type = decoder.name;
        config.cell = cell.name;
      });
  for (const auto& cell : cells())
    add("normalized " + cell.name, [&](ModelConfig& config) {
      config.cell = cell.name;
      config.layer_norm = true;
    });
  add("options without a registry", [&](ModelConfig& config) {
    config.attention.weight_norm = true;
    config.attention.temperature = 0.7;
    config.decoder.readout_input = "current";
    config.tie_embeddings = "decoder";
    config.decoder.readout = "tanh";
    config.decoder.readout_size = config.embedding_size;
  });
  add("luong without input feeding", [&](ModelConfig& config) {
    config.decoder.type = "luong";
    config.decoder.input_feeding = false;
  });
}

// Does the same for every score, normalizer and window, with coverage, and with several heads.
template <class Add>
void add_attentions(Add&& add) {
  for (const auto& score : attention_scores())
    add(score.name, [&](ModelConfig& config) {
      config.attention.score = score.name;
      if (!score.value.has_hidden_layer && !score.value.same_size) config.attention.hidden_size = 0;
    });
  add("documents, heads: 3", [&](ModelConfig& config) {
    config.encoder.hierarchical = true;
    config.attention.heads = 3;
  });
  for (const auto& normalizer : normalizers())
    add(normalizer.name, [&](ModelConfig& config) {
      config.attention.normalizer = normalizer.name;
      if (normalizer.value.stochastic) config.dropout.attention = 0;
    });
  for (const int heads : {1, 3})
    add("coverage, heads: " + std::to_string(heads), [&](ModelConfig& config) {
      config.attention.coverage = true;
      config.attention.heads = heads;
    });
  for (const auto& window : attention_windows())
    for (const int heads : {1, 3})
      add(window.name + ", heads: " + std::to_string(heads), [&](ModelConfig& config) {
        config.attention.window = window.name;
        config.attention.window_width = 2;
        config.attention.heads = heads;
      });
}

// Calls f(config) for models of every kind.
template <class F>
void for_each_model(F&& f) {
  const auto add = [&](const std::string& name, auto change) {
    ModelConfig config = tiny_config();
    change(config);
    CAPTURE(name);
    f(config);
  };
  add_architectures(add);
  add_attentions(add);
}

// Returns random weights. They are large enough for attention that is not uniform and for
// hypotheses whose words differ.
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

// Returns a document: a sentence with ends of sentence in it, also at the beginning and next to
// each other.
inline std::vector<int> random_document(RandomKey key, Index vocabulary) {
  std::vector<int> words = random_sentence(key, vocabulary);
  for (std::size_t t = 0; t < words.size(); ++t)
    if (key.at("end").at(t).below(4) == 0) words[t] = kEnd;
  return words;
}

struct Pairs {
  std::vector<std::vector<int>> sources, targets;

  std::size_t size() const { return sources.size(); }
  // Returns a batch of some pairs. The example id of a pair is its index.
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

}  // namespace attn::test
