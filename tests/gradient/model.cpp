// Gradients of the whole model, for every parameter and every row of every table.
#include <doctest/doctest.h>

#include "gradient/check.h"
#include "model/model_config.h"
#include "model/seq2seq.h"
#include "nn/attention/window.h"
#include "nn/cell.h"
#include "nn/readout.h"

namespace attn::test {
namespace {

constexpr Index kSource = 7, kTarget = 11;

// Alignment links of the pairs of small_batch: words with one link, with several links, with none.
const std::vector<int> kFirstLinks = {2, 0, 0, 1, 1, 1}, kSecondLinks = {0, 0, 0, 2},
                       kFourthLinks = {1, 2};
const std::vector<Words> kLinks = {kFirstLinks, kSecondLinks, {}, kFourthLinks};

ModelConfig small_config() {
  ModelConfig config;
  config.embedding_size = 3;
  config.hidden_size = 5;
  config.attention.hidden_size = 7;
  config.decoder.readout_size = 2;
  config.encoder.heads = 2;
  config.encoder.feed_forward_size = 7;
  config.encoder.max_positions = 5;
  config.encoder.max_relative_position = 2;
  return config;
}

// Returns sentence pairs of unequal lengths. As documents, the sources have 1, 1, 2 and 2 segments.
Batch small_batch(RandomKey key) {
  static std::vector<std::vector<int>> sources, targets;
  sources.clear(), targets.clear();
  const auto line = [](RandomKey at, std::size_t length, Index vocabulary) {
    std::vector<int> words(length, 1);
    for (std::size_t t = 0; t + 1 < length; ++t)
      words[t] = static_cast<int>(2 + at.at(t).below(static_cast<std::uint64_t>(vocabulary - 2)));
    return words;
  };
  for (const auto& [s, t] :
       std::vector<std::pair<std::size_t, std::size_t>>{{3, 2}, {1, 4}, {4, 1}, {2, 3}}) {
    sources.push_back(line(key.at("source").at(s), s, kSource));
    targets.push_back(line(key.at("target").at(t), t, kTarget));
  }
  sources[2][1] = sources[3][0] = 1;
  Batch batch;
  batch.assign(std::vector<Words>(sources.begin(), sources.end()),
               std::vector<Words>(targets.begin(), targets.end()),
               std::vector<std::uint64_t>{0, 1, 2, 3}, kLinks);
  return batch;
}

void check_model(const std::string& name, const ModelConfig& config,
                 const Objective& objective = {}, std::uint64_t seed = 1) {
  CAPTURE(name);
  const Seq2Seq model(config, kSource, kTarget);
  const RandomKey key = RandomKey(seed).at(name);
  Params w = random_params(key, model.layout()), g(model.layout());
  const Batch batch = small_batch(key);
  const DropoutContext noise{true, key.at("noise")};
  Seq2Seq::Scratch scratch(model);
  const double loss =
      model.loss_and_gradient(Weights(w), batch, objective, noise, scratch, g).objective;
  const auto f = [&] { return model.loss(Weights(w), batch, objective, noise, scratch).objective; };
  CHECK(f() == loss);
  check_parameters(model.layout(), w, g, f);
}

// Returns every window without coverage, and the global window with coverage.
std::vector<std::pair<std::string, bool>> windows_and_coverage() {
  std::vector<std::pair<std::string, bool>> out = {{"global", true}};
  for (const auto& window : attention_windows()) out.emplace_back(window.name, false);
  return out;
}

}  // namespace

TEST_CASE("the gradients of models equal finite differences for every cell with every score") {
  for (const auto& cell : cells())
    for (const auto& score : attention_scores()) {
      ModelConfig config = small_config();
      config.cell = cell.name;
      config.attention.score = score.name;
      check_model(cell.name + " " + score.name, config);
    }
}

TEST_CASE(
    "the gradients of deep models equal finite differences for every decoder, cell and window") {
  for (const auto& decoder : decoders())
    for (const auto& cell : cells())
      for (const auto& [window, coverage] : windows_and_coverage()) {
        ModelConfig config = small_config();
        config.decoder.type = decoder.name;
        config.decoder.layers = 2;
        config.cell = cell.name;
        config.residual = true;
        config.attention.window = window;
        config.attention.coverage = coverage;
        config.attention.window_width = 2;
        config.attention.heads = 2;
        config.attention.hidden_size = 8;
        config.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
        check_model(decoder.name + " " + cell.name + " " + window + (coverage ? " coverage" : ""),
                    config, {}, 2);
      }
}

TEST_CASE(
    "the gradients of models with layer normalization equal finite differences for every decoder "
    "and cell") {
  for (const auto& decoder : decoders())
    for (const auto& cell : cells()) {
      ModelConfig config = small_config();
      config.decoder.type = decoder.name;
      config.cell = cell.name;
      config.layer_norm = true;
      check_model(decoder.name + " normalized " + cell.name, config);
    }
}

TEST_CASE(
    "the gradients of models equal finite differences for every decoder, readout and readout "
    "input") {
  for (const auto& decoder : decoders())
    for (const auto& readout : activations())
      for (const std::string state : {"previous", "current"}) {
        ModelConfig config = small_config();
        config.decoder.type = decoder.name;
        config.decoder.readout = readout.name;
        config.decoder.readout_input = state;
        config.decoder.input_feeding = state == "previous";
        check_model(decoder.name + " " + readout.name + " " + state, config);
      }
}

TEST_CASE(
    "the gradients of deep models equal finite differences with dropout, tied embeddings and label "
    "smoothing") {
  for (const auto& cell : cells())
    for (const auto& score : attention_scores())
      for (const std::string state : {"previous", "current"}) {
        ModelConfig config = small_config();
        config.cell = cell.name;
        config.attention.score = score.name;
        config.hidden_size = 3;
        config.embedding_size = 2;
        config.encoder.layers = 3;
        config.decoder.layers = 3;
        config.decoder.readout = "tanh";
        config.decoder.readout_input = state;
        config.decoder.readout_size = config.embedding_size;
        config.residual = true;
        config.tie_embeddings = "decoder";
        config.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
        check_model("deep " + cell.name + " " + score.name + " " + state, config, {0.1});
      }
}

TEST_CASE(
    "the gradients of losses on attention weights equal finite differences for every score and "
    "window") {
  const auto check = [](const std::string& score, const std::string& window, int heads,
                        bool coverage = false) {
    ModelConfig config = small_config();
    config.attention.score = score;
    config.attention.window = window;
    config.attention.coverage = coverage;
    config.attention.window_width = 2;
    config.attention.heads = heads;
    config.attention.hidden_size = 8;
    config.dropout.attention = 0.2;
    Objective objective;
    objective.coverage = 0.7;
    objective.guided = 0.3;
    check_model(score + " " + window + " " + std::to_string(heads), config, objective, 2);
  };
  for (const auto& score : attention_scores()) check(score.name, "global", 2);
  ModelConfig documents = small_config();
  documents.encoder.hierarchical = true;
  documents.dropout.attention = 0.2;
  Objective guided;
  guided.guided = 0.3;
  check_model("documents", documents, guided, 2);
  for (const auto& [window, coverage] : windows_and_coverage())
    check("additive", window, 1, coverage);
}

TEST_CASE("the gradients of models equal finite differences for every encoder with every decoder") {
  for (const auto& encoder : encoders())
    for (const auto& decoder : decoders()) {
      ModelConfig config = small_config();
      config.encoder.type = encoder.name;
      config.decoder.type = decoder.name;
      config.dropout = {0.2, 0.2, 0.2, 0.2, 0.2};
      check_model(encoder.name + " " + decoder.name, config);
    }
}

TEST_CASE("the gradients of deep models without residual connections equal finite differences") {
  ModelConfig config = small_config();
  config.encoder.layers = 2;
  config.decoder.layers = 2;
  check_model("two layers", config, {0.1});
}

}  // namespace attn::test
