// A model of every kind comes back from its directory as it was.
#include "model/model_dir.h"

#include <doctest/doctest.h>

#include "base/file.h"
#include "property/tiny.h"
#include "search/forced_decoding.h"
#include "support/scratch.h"
#include "train/config.h"

namespace attn::test {
namespace {

Tokenizer words_of(Index size) {
  std::vector<std::string> words;
  for (Index i = 2; i < size; ++i) words.push_back("w" + std::to_string(i));
  return Tokenizer::of_words(words);
}

}  // namespace

TEST_CASE("a model of each kind is saved and loaded: the same bits, and the same words") {
  const Tokenizer from = words_of(kSourceWords), to = words_of(kTargetWords);
  const std::vector<std::string> source = {"w5 w9 w5 w2"}, target = {"w3 w4"};
  Pool pool(1);
  int kinds = 0;
  for_each_model([&](const ModelConfig& config) {
    const std::string separator = config.encoder.hierarchical ? "|||" : "";
    Model model(config, from.with_separator(separator), to);
    model.weights = random_weights(model.network, RandomKey(41));
    const Scratch scratch;
    const auto folder = scratch / "model";
    std::filesystem::create_directory(folder);
    Config whole;
    whole.model = config;
    whole.data.sentence_separator = separator;
    write_model(folder, model, model.weights, to_text(to_json(whole)));
    const Config kept = config_from_json(Json::parse(read_file(folder / "config.json")), "kept");
    const Model back = read_model(folder, kept.model, kept.data.sentence_separator);
    CHECK(std::ranges::equal(back.weights.flat(), model.weights.flat()));
    CHECK(back.source.bytes() == from.bytes());
    CHECK(force(back, source, target, 1, pool)[0].log_probs ==
          force(model, source, target, 1, pool)[0].log_probs);
    ++kinds;
  });
  CHECK(kinds > 40);
}

}  // namespace attn::test
