// Models of all kinds are saved to a directory and loaded from it without any change.
#include "model/model_dir.h"

#include <doctest/doctest.h>

#include "base/file.h"
#include "property/tiny.h"
#include "search/forced_decoding.h"
#include "support/scratch.h"
#include "train/trained_model.h"

namespace attn::test {
namespace {

Tokenizer word_tokenizer(Index size) {
  std::vector<std::string> words;
  for (Index i = 2; i < size; ++i) words.push_back("w" + std::to_string(i));
  return Tokenizer::from_words(words);
}

}  // namespace

TEST_CASE("a model of every kind has the same bits and the same log-probabilities after loading") {
  const Tokenizer from = word_tokenizer(kSourceWords), to = word_tokenizer(kTargetWords);
  const std::vector<std::string> source = {"w5 w9 w5 w2"}, target = {"w3 w4"};
  Pool pool(1);
  int models = 0;
  for_each_model([&](const ModelConfig& config) {
    const std::string separator = config.encoder.hierarchical ? "|||" : "";
    Model model(config, from.with_separator(separator), to);
    model.weights = random_weights(model.network, RandomKey(41));
    const Scratch scratch;
    const auto directory = scratch / "model";
    std::filesystem::create_directory(directory);
    Config whole;
    whole.model = config;
    whole.data.sentence_separator = separator;
    ModelFile file = model_file(model, model.weights);
    file.config = to_text(to_model_json(whole));
    write_model_directory(directory, file);
    const Model back = load_model(directory).model;
    CHECK(std::ranges::equal(back.weights.flat(), model.weights.flat()));
    CHECK(back.source.bytes() == from.bytes());
    CHECK(score_targets(back, source, target, 1, pool)[0].log_probs ==
          score_targets(model, source, target, 1, pool)[0].log_probs);
    ++models;
  });
  CHECK(models > 40);
}

}  // namespace attn::test
