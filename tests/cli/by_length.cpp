// attn eval --by-length: BLEU by length of the source, of translations and of models.
#include "base/file.h"
#include "base/json.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

Json lengths_json(const Arguments& more) {
  return Json::parse(attn_ok(Arguments{"eval", "--json"} + more).out);
}

// Returns a line of `count` words, always the same one.
std::string words(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i == 0 ? "w" : " w") + std::to_string(i * i % 17);
  return out;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

// Sources of 4, 12, 5 and 30 words, their reference, and a translation that is truncated after 10
// words.
struct CutTexts {
  Scratch directory;
  std::string source = file("source", {words(4), words(12), words(5), words(30)});
  std::string reference = file("reference", {words(6), words(14), words(7), words(28)});
  std::string cut = file("cut", {words(6), words(10), words(7), words(10)});
  Arguments given = {"--source", source, "--reference", reference};

  std::string file(const std::string& name, const std::vector<std::string>& lines) const {
    return directory.file(name, text_of(lines)).string();
  }

  // Returns BLEU of one line.
  double bleu(const std::string& hypothesis, const std::string& truth) const {
    return lengths_json({"--hypothesis", file("one", {hypothesis}), "--reference",
                         file("truth", {truth})})["bleu"]["score"];
  }
};

}  // namespace

TEST_CASE("eval --by-length scores the lines of each bucket as a text of their own") {
  const CutTexts texts;
  const Arguments given = texts.given + Arguments{"--hypothesis", texts.reference, "--hypothesis",
                                                  texts.cut,      "--by-length",   "5,10,20"};
  const Json json = lengths_json(given);
  CHECK(json["systems"].size() == 2);  // as without --by-length
  const Json& by_length = json["by_length"];
  CHECK(
      by_length["signature"].get<std::string>().starts_with("nrefs:1|case:mixed|eff:no|tok:13a|"));
  CHECK(by_length["buckets"] == Json::parse(R"([
    {"from": 0, "to": 5, "sentences": 2, "mean_length": 4.5},
    {"from": 11, "to": 20, "sentences": 1, "mean_length": 12.0},
    {"from": 21, "to": null, "sentences": 1, "mean_length": 30.0}])"));
  const Json& right = by_length["systems"][0];
  const Json& cut = by_length["systems"][1];
  CHECK(right["name"] == texts.reference);
  CHECK(cut["name"] == texts.cut);
  for (std::size_t bucket = 0; bucket < 3; ++bucket)
    CHECK(right["bleu"][bucket].get<double>() == doctest::Approx(100));
  CHECK(cut["bleu"][0].get<double>() == doctest::Approx(100));
  CHECK(cut["bleu"][1].get<double>() == doctest::Approx(texts.bleu(words(10), words(14))));
  CHECK(cut["bleu"][2].get<double>() == doctest::Approx(texts.bleu(words(10), words(28))));

  const std::string table = attn_ok(Arguments{"eval"} + given).out;
  for (const char* part : {"up to 5", "11-20", "over 20", "100.00", "numbers of words: 6-10"})
    CHECK_MESSAGE(table.find(part) != std::string::npos, table);
}

TEST_CASE("eval --by-length has default lengths and uses the options of BLEU") {
  const CutTexts texts;
  const Json json = lengths_json(
      texts.given + Arguments{"--hypothesis", texts.cut, "--by-length", "--lowercase"});
  const Json& buckets = json["by_length"]["buckets"];
  REQUIRE(buckets.size() == 3);
  CHECK(buckets[0]["to"] == 10);
  CHECK(buckets[2]["to"] == 30);
  CHECK(json["by_length"]["signature"] == json["bleu"]["signature"]);
  CHECK(json["bleu"]["signature"].get<std::string>().find("case:lc") != std::string::npos);
}

TEST_CASE("eval --by-length-figure draws a curve per system with a short, unique name") {
  const CutTexts texts;
  const std::string figure = (texts.directory / "lengths.svg").string();
  const Result result = attn_ok(Arguments{"eval"} + texts.given +
                                Arguments{"--hypothesis", texts.reference, "--hypothesis",
                                          texts.cut, "--by-length-figure", figure});
  CHECK(result.err.find("wrote " + figure) != std::string::npos);
  CHECK(result.out.find("BLEU by source length") != std::string::npos);
  const std::string svg = read_file(figure);
  for (const char* part : {"<svg ", ">reference</text>", ">cut</text>", ">BLEU</text>",
                           "<title>cut: 100 at 4.5</title>", "<title>reference: 100 at 30</title>"})
    CHECK_MESSAGE(svg.find(part) != std::string::npos, part);
}

TEST_CASE("eval compares the translations of several models, also by length") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_ok(toy.train(scratch / "run",
                    {"--set", "model.attention.score=none", "--set", "train.max_updates=5"}));
  const std::string blind = (scratch / "run" / "best").string();
  const std::string figure = (scratch / "lengths.svg").string();
  const Json json = lengths_json({"--model", toy.best(), "--model", blind, "--by-length", "3",
                                  "--by-length-figure", figure, "--set", "search.beam_size=2",
                                  "--samples", "10"});
  const Json& systems = json["systems"];
  REQUIRE(systems.size() == 2);
  CHECK(systems[0]["name"] == toy.best());
  CHECK(systems[1]["name"] == blind);
  CHECK(systems[1]["bleu"].contains("p_value"));
  const Json& by_length = json["by_length"];
  REQUIRE(by_length["buckets"].size() == 2);
  CHECK(by_length["buckets"][0]["sentences"] == 9);  // of 1, 2 and 3 words
  CHECK(by_length["buckets"][1]["sentences"] == 3);  // of 4

  // Each model alone, with the same search.
  for (std::size_t i = 0; i < 2; ++i) {
    const Json alone = lengths_json({"--model", systems[i]["name"].get<std::string>(),
                                     "--by-length", "3", "--set", "search.beam_size=2"});
    CHECK(alone["bleu"]["score"] == systems[i]["bleu"]["score"]);
    REQUIRE(alone["by_length"]["systems"].size() == 1);
    CHECK(alone["by_length"]["systems"][0] == by_length["systems"][i]);
  }
  const std::string svg = read_file(figure);
  CHECK(svg.find(">" + scratch.path().filename().string() + "</text>") != std::string::npos);
}

TEST_CASE("eval --by-length reports bad lengths, missing sources and bad file names") {
  const CutTexts texts;
  const Arguments eval = Arguments{"eval", "--reference", texts.reference};
  const Arguments hypothesis = eval + Arguments{"--hypothesis", texts.cut};
  const Arguments source = {"--source", texts.source};
  attn_fails(2, hypothesis + Arguments{"--by-length"}, {"--by-length needs --source"});
  attn_fails(2, hypothesis + source, {"leave out", "--source"});
  for (const char* edges : {"20,10", "0", "ten", "5,"})
    attn_fails(2, hypothesis + source + Arguments{"--by-length", edges}, {"--by-length", edges});
  attn_fails(2, hypothesis + source + Arguments{"--by-length-figure", "x.png"},
             {"--by-length-figure: must end in .svg, got x.png"});
  attn_fails(1, hypothesis + source + Arguments{"--by-length-figure", "nowhere/x.svg"},
             {"nowhere/x.svg", "no directory nowhere"});
  const std::string svg = texts.file("text.svg", {"a", "b", "c", "d"});
  attn_fails(1, hypothesis + Arguments{"--source", svg, "--by-length-figure", svg},
             {svg + ": --by-length-figure would overwrite --source"});
  const std::string one = texts.file("short", {"a"});
  attn_fails(1, hypothesis + Arguments{"--source", one, "--by-length"}, {one + " has 1 lines"});
}

TEST_CASE("eval of several models rejects the options of a single model") {
  const auto& toy = Toy::instance();
  const Arguments both = {"eval", "--model", toy.best(), "--model", toy.best()};
  for (const char* option :
       {"--config", "--gold-alignment", "--output", "--heatmap", "--diagnostics"})
    attn_fails(2, both + Arguments{option, "x.tsv"}, {"several --model", option});
  attn_fails(2, both + Arguments{"--source", "x"},
             {"--source and --reference must be given together"});
  attn_fails(1, both + Arguments{"--model", "nowhere"}, {"nowhere: there is no such model"});
}
