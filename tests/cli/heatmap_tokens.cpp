// Heatmaps of text without spaces between its words.
#include "base/file.h"
#include "base/json.h"
#include "toy.h"

namespace {

using attn::Json, attn::read_file;

// Returns the numbers of the toy text as Chinese characters, without spaces.
std::string in_chinese(std::string text) {
  const std::pair<const char*, const char*> digits[] = {
      {"one", "一"}, {"two", "二"},   {"three", "三"}, {"four", "四"}, {"five", "五"},
      {"six", "六"}, {"seven", "七"}, {"eight", "八"}, {"nine", "九"}, {"ten", "十"}};
  for (const auto& [word, character] : digits) text = replaced(text, word, character);
  return replaced(text, " ", "");
}

// A model from the French of the toy to Chinese, trained once for all tests.
class Chinese {
 public:
  static const Chinese& instance() {
    static const Chinese chinese;
    return chinese;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  Chinese() {
    folder_.file("train.fr", toy_target(0, kToyTrain));
    folder_.file("train.zh", in_chinese(toy_source(0, kToyTrain)));
    folder_.file("test.fr", toy_target(kToyTrain, kToyTest));
    folder_.file("test.zh", in_chinese(toy_source(kToyTrain, kToyTest)));
    attn_ok({"train",
             "--config",
             Toy::instance().config(),
             "--set",
             "data.train_source=" + path("train.fr"),
             "--set",
             "data.train_target=" + path("train.zh"),
             "--set",
             "data.valid_source=" + path("test.fr"),
             "--set",
             "data.valid_target=" + path("test.zh"),
             "--set",
             "data.test_source=null",
             "--set",
             "data.test_target=null",
             "--set",
             "data.test_alignment=null",
             "--set",
             "data.tokenizer=char",
             "--set",
             "train.max_updates=20",
             "--set",
             "train.valid_every=20",
             "--set",
             "train.run_dir=" + path("run")});
  }
  Scratch folder_;
};

Arguments align(const Arguments& more) {
  const Chinese& chinese = Chinese::instance();
  return Arguments{"align",
                   "--model",
                   chinese.path("run/best"),
                   "--source",
                   chinese.path("test.fr"),
                   "--target",
                   chinese.path("test.zh")} +
         more;
}

}  // namespace

TEST_CASE("heatmaps of text without spaces show subwords") {
  const Scratch scratch;
  const std::string json = (scratch / "x.json").string(), svg = (scratch / "y.svg").string(),
                    tsv = (scratch / "x.tsv").string();
  attn_ok(align({"--heatmap", json, "--heatmap", tsv}));
  const auto sources = lines_of(read_file(Chinese::instance().path("test.fr")));
  const auto targets = lines_of(read_file(Chinese::instance().path("test.zh")));
  const Json sentences = Json::parse(read_file(json)).at("sentences");
  REQUIRE(sentences.size() == targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const Json& target = sentences[i].at("target");
    std::string joined;
    for (std::size_t j = 0; j + 1 < target.size(); ++j) {
      CHECK(target[j].get<std::string>().size() == 3);  // one character in UTF-8
      joined += target[j];
    }
    CHECK(joined == targets[i]);
    std::string source;  // has its words
    for (std::size_t j = 0; j + 1 < sentences[i].at("source").size(); ++j)
      source += (j > 0 ? " " : "") + sentences[i]["source"][j].get<std::string>();
    CHECK(source == sources[i]);
    CHECK(sentences[i].at("links").size() == target.size() - 1);
  }
  std::size_t weights = 0;
  for (const Json& sentence : sentences)
    weights += sentence["source"].size() * sentence["target"].size();
  CHECK(lines_of(read_file(tsv)).size() == 1 + weights);

  // With --heatmap-tokens subwords, also text with spaces.
  const std::string model = Chinese::instance().path("run/best");
  attn_ok({"translate", "--model", model, "--heatmap", svg, "--heatmap-tokens", "subwords"},
          "un deux\n");
  // A mark before each of the two words, their six letters, and the end of sentence.
  CHECK(Json::parse(read_file(scratch / "y.json"))["source"].size() == 9);
}

TEST_CASE("heatmaps show words if that is requested or there are gold alignments") {
  const Scratch scratch;
  const std::string json = (scratch / "x.json").string();
  const auto widest = [&] {
    std::size_t most = 0;
    const Json sentences = Json::parse(read_file(json)).at("sentences");
    for (const Json& sentence : sentences) most = std::max(most, sentence.at("target").size());
    return most;
  };
  attn_ok(align({"--heatmap", json, "--heatmap-tokens", "words"}));
  CHECK(widest() == 2);  // the line and the end of sentence
  std::string links;
  for (int i = 0; i < kToyTest; ++i) links += "0-0\n";
  const std::string gold = scratch.file("gold", links).string();
  attn_ok(align({"--heatmap", json, "--gold-alignment", gold}));
  CHECK(widest() == 2);
  attn_ok(align({"--heatmap", json, "--gold-alignment", gold, "--heatmap-tokens", "subwords"}));
  CHECK(widest() > 2);
  attn_fails(2, align({"--heatmap-tokens", "words"}), {"no effect without --heatmap"});
  attn_fails(2, align({"--heatmap", json, "--heatmap-tokens", "letters"}), {"words", "subwords"});
  // Alignment files count words, as gold alignments do.
  for (const auto& line : lines_of(attn_ok(align({})).out))
    CHECK(line.find("-1") == std::string::npos);
}
