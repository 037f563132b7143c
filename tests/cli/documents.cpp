// Document models, from training to heatmaps.
#include "base/file.h"
#include "base/json.h"
#include "toy.h"

namespace {

using attn::Json;

// Returns documents of two lines of the toy language each.
std::string in_twos(const std::string& text, const std::string& between) {
  std::string out;
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2)
    out.append(lines[i]).append(between).append(lines[i + 1]).append("\n");
  return out;
}

constexpr std::size_t kDocuments = kToyTest / 2;

// A model that is trained on them once, for all tests.
class Documents {
 public:
  static const Documents& instance() {
    static const Documents documents;
    return documents;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string best() const { return path("run/best"); }

 private:
  Documents() {
    const std::string bar = " ||| ";
    folder_.file("train.en", in_twos(toy_source(0, kToyTrain), bar));
    folder_.file("train.fr", in_twos(toy_target(0, kToyTrain), " "));
    folder_.file("test.en", in_twos(toy_source(kToyTrain, kToyTest), bar));
    folder_.file("test.fr", in_twos(toy_target(kToyTrain, kToyTest), " "));
    folder_.file("config.json", R"({
      "model": {"embedding_size": 16, "hidden_size": 32, "decoder": {"readout_size": 16},
                "encoder": {"hierarchical": true}},
      "data": {
        "train_source": "train.en", "train_target": "train.fr",
        "valid_source": "test.en", "valid_target": "test.fr",
        "test_source": "test.en", "test_target": "test.fr", "sentence_separator": "|||",
        "tokenizer": "word", "source_vocabulary_size": 100, "target_vocabulary_size": 100
      },
      "train": {
        "run_dir": "run", "batch_type": "sentences", "batch_size": 20, "learning_rate": 1e-2,
        "max_updates": 100, "valid_every": 50
      }
    })");
    attn_ok({"train", "--config", path("config.json")});
  }
  Scratch folder_;
};

}  // namespace

TEST_CASE("eval shows documents with word weights and segment weights") {
  const Documents& documents = Documents::instance();
  const std::string json = documents.path("page.json");
  attn_ok({"eval", "--config", documents.path("config.json"), "--heatmap", json});
  const Json shown = Json::parse(attn::read_file(json)).at("sentences");
  CHECK(shown.size() == 2 * kDocuments);  // translations and references
  for (const Json& pair : shown) {
    REQUIRE(pair.at("segments").size() == 2);
    REQUIRE(pair.at("segment_weights").size() == pair.at("target").size());
    for (const Json& row : pair.at("segment_weights"))
      CHECK(row[0].get<double>() + row[1].get<double>() == doctest::Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("empty sentences of a document are dropped") {
  const std::string best = Documents::instance().best();
  const auto translate = [&](const std::string& line) {
    return attn_ok({"translate", "--model", best}, line + "\n").out;
  };
  const std::string plain = translate("one two ||| three");
  CHECK(lines_of(plain).size() == 1);
  CHECK(translate("||| one two ||| ||| three |||") == plain);
}

TEST_CASE("a separator that occurs nowhere in the text is an error of check, train and bench") {
  const Documents& documents = Documents::instance();
  for (const std::string command : {"check", "train", "bench"})
    attn_fails(
        1,
        {command, "--config", documents.path("config.json"), "--set", "data.sentence_separator=###",
         "--set", "train.run_dir=" + documents.path("nowhere")},
        {"data.sentence_separator", "train.en", "\"###\"", "separate the sentences"});
  CHECK_FALSE(fs::exists(documents.path("nowhere")));
}
