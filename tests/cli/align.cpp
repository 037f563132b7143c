// attn align and attn score: alignments and log-probabilities of given translations.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <sstream>

#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

// The toy's test text, as files.
struct Pair {
  Scratch scratch;
  std::string source = scratch.file("in.en", toy_source(0, kToyTest)).string();
  std::string target = scratch.file("in.fr", toy_target(0, kToyTest)).string();

  Arguments of(const std::string& command, const Arguments& more = {}) const {
    return Arguments{command,    "--model", Toy::instance().best(), "--source", source,
                     "--target", target} +
           more;
  }
};

const std::string& reverse_model() {
  static const Scratch scratch;
  static const std::string path = [] {
    const Toy& toy = Toy::instance();
    attn_ok(toy.train(scratch / "run",
                      {"--set", "data.train_source=" + toy.path("train.fr"), "--set",
                       "data.train_target=" + toy.path("train.en"), "--set",
                       "data.valid_source=" + toy.path("test.fr"), "--set",
                       "data.valid_target=" + toy.path("test.en"), "--set", "data.test_source=null",
                       "--set", "data.test_target=null", "--set", "data.test_alignment=null"}));
    return (scratch / "run" / "best").string();
  }();
  return path;
}

double sum_of(const Json& tokens) {
  double sum = 0;
  for (const auto& token : tokens) sum += token.at("log_prob").get<double>();
  return sum;
}

// Gold links made from the output of align: the first link of each line is sure, the second one
// only possible.
struct GoldText {
  std::string with_possible, all_sure;       // the lines; all links are sure in the second text
  double found = 0, sure = 0, possible = 0;  // numbers of links; sure ones are also possible
};

GoldText gold_of(const std::vector<std::string>& lines) {
  GoldText out;
  for (const auto& line : lines) {
    std::istringstream words(line);
    std::vector<std::string> links{std::istream_iterator<std::string>(words), {}};
    REQUIRE_FALSE(links.empty());
    out.found += static_cast<double>(links.size());
    links.resize(std::min<std::size_t>(links.size(), 2));
    out.sure += 1, out.possible += static_cast<double>(links.size());
    const bool two = links.size() > 1;
    out.all_sure += links[0] + (two ? " " + links[1] : "") + "\n";
    out.with_possible += links[0] + (two ? " " + replaced(links[1], "-", "?") : "") + "\n";
  }
  REQUIRE(out.possible > out.sure);
  return out;
}

std::vector<std::vector<std::string>> table(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& line : lines_of(text)) {
    rows.emplace_back(1);
    for (const char c : line)
      if (c == '\t')
        rows.back().emplace_back();
      else
        rows.back().back() += c;
  }
  return rows;
}

}  // namespace

TEST_CASE(
    "align prints the alignments of given pairs, and the alignment error rate that eval reports") {
  const Pair pair;
  const std::string gold = pair.scratch.file("gold", toy_links(0, kToyTest)).string();
  const auto result = attn_ok(pair.of("align", {"--gold-alignment", gold}));
  const auto lines = lines_of(result.out);
  CHECK(lines.size() == kToyTest);
  CHECK(lines[0].find('-') != std::string::npos);
  const Json eval =
      Json::parse(attn_ok({"eval", "--model", Toy::instance().best(), "--source", pair.source,
                           "--reference", pair.target, "--gold-alignment", gold, "--json"})
                      .out);
  CHECK(result.err.find(attn::format("alignment error rate %.4f",
                                     eval.at("alignment_error_rate").get<double>())) !=
        std::string::npos);
}

TEST_CASE(
    "align writes links from index base 0 or 1, weights as JSON lines, diagnostics and a page") {
  const Pair pair;
  const auto from_0 = lines_of(attn_ok(pair.of("align")).out);
  const auto from_1 = lines_of(attn_ok(pair.of("align", {"--index-base", "1"})).out);
  const std::string json = (pair.scratch / "x.jsonl").string();
  const std::string tsv = (pair.scratch / "d.tsv").string();
  const std::string page = (pair.scratch / "page.html").string();
  attn_ok(pair.of("align", {"--output", json, "--diagnostics", tsv, "--heatmap", page}));
  const auto objects = lines_of(read_file(json));
  REQUIRE(objects.size() == kToyTest);
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const Json object = Json::parse(objects[i]);
    std::string zero, one;
    for (const auto& link : object.at("links")) {
      const int s = link[0], t = link[1];
      zero += (zero.empty() ? "" : " ") + std::to_string(s) + "-" + std::to_string(t);
      one += (one.empty() ? "" : " ") + std::to_string(s + 1) + "-" + std::to_string(t + 1);
    }
    CHECK(from_0[i] == zero);
    CHECK(from_1[i] == one);
    for (const auto& row : object.at("weights")) {
      double sum = 0;
      for (const auto& weight : row) sum += weight.get<double>();
      CHECK(sum == doctest::Approx(1).epsilon(1e-4));
    }
  }
  const auto rows = table(read_file(tsv));
  REQUIRE(rows.size() == kToyTest + 1);
  for (const auto& row : rows) CHECK(row.size() == 7);
  CHECK(rows[0][1] == "entropy");
  CHECK(read_file(page).find("<!doctype html>") != std::string::npos);
}

TEST_CASE("a possible gold link counts as correct if found, but not as missed if not found") {
  const Pair pair;
  const GoldText gold = gold_of(lines_of(attn_ok(pair.of("align")).out));
  const double rate = 1 - (gold.sure + gold.possible) / (gold.found + gold.sure);
  const double precision = gold.possible / gold.found;
  const std::string file = pair.scratch.file("gold", gold.with_possible).string();
  const std::string expected =
      attn::format("alignment error rate %.4f  precision %.4f, recall 1.0000", rate, precision);
  CHECK(attn_ok(pair.of("align", {"--gold-alignment", file})).err.find(expected) !=
        std::string::npos);

  const auto eval = [&](const std::string& links) {
    const Arguments text = {"--set", "data.test_source=" + pair.source,
                            "--set", "data.test_target=" + pair.target,
                            "--set", "data.test_alignment=" + links};
    return Json::parse(
        attn_ok(Arguments{"eval", "--model", Toy::instance().best(), "--json"} + text).out);
  };
  const Json scores = eval(file);
  CHECK(scores.at("alignment_error_rate").get<double>() == doctest::Approx(rate));
  CHECK(scores.at("alignment_precision").get<double>() == doctest::Approx(precision));
  CHECK(scores.at("alignment_recall") == 1);
  const double strict = 1 - 2 * gold.possible / (gold.found + gold.possible);
  const Json strict_scores = eval(pair.scratch.file("sure", gold.all_sure).string());
  CHECK(strict_scores.at("alignment_error_rate").get<double>() == doctest::Approx(strict));
  CHECK(strict != doctest::Approx(rate));
}

TEST_CASE("the JSON file of a heatmap distinguishes sure and possible gold links") {
  const Pair pair;
  const GoldText gold = gold_of(lines_of(attn_ok(pair.of("align")).out));
  const std::string file = pair.scratch.file("gold", gold.with_possible).string();
  const std::string json = (pair.scratch / "gold.json").string();
  attn_ok(pair.of("align", {"--gold-alignment", file, "--heatmap", json}));
  double only_possible = 0;
  const Json shown = Json::parse(read_file(json));
  for (const Json& sentence : shown.at("sentences")) {
    const Json& links = sentence.at("gold");
    only_possible += static_cast<double>(links.at("possible").size() - links.at("sure").size());
  }
  CHECK(only_possible == gold.possible - gold.sure);
}

TEST_CASE("align combines the alignments of two models of both directions") {
  const Pair pair;
  const auto with = [&](const std::string& symmetrization) {
    return lines_of(attn_ok(pair.of("align", {"--reverse-model", reverse_model(), "--symmetrize",
                                              symmetrization}))
                        .out);
  };
  const auto all = with("union"), both = with("intersection");
  const std::string json = (pair.scratch / "shown.json").string();
  const std::string gold = pair.scratch.file("gold", toy_links(0, kToyTest)).string();
  const auto result =
      attn_ok(pair.of("align", {"--reverse-model", reverse_model(), "--symmetrize", "intersection",
                                "--heatmap", json, "--output", (pair.scratch / "links").string(),
                                "--gold-alignment", gold, "--quiet"}));
  CHECK(result.out.starts_with("alignment error rate"));  // a result, not a message
  const Json shown = Json::parse(read_file(json)).at("sentences");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    std::string links;
    for (const auto& link : shown[i].at("links"))
      links += (links.empty() ? "" : " ") + std::to_string(link[0].get<int>()) + "-" +
               std::to_string(link[1].get<int>());
    CHECK(links == both[i]);  // as in the alignment file
  }
  REQUIRE(all.size() == kToyTest);
  std::size_t more = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].size() >= both[i].size());
    more += all[i].size() - both[i].size();
  }
  CHECK(more > 0);
  const std::string out = (pair.scratch / "both.jsonl").string();
  attn_ok(pair.of("align", {"--reverse-model", reverse_model(), "--output", out}));
  const Json first = Json::parse(lines_of(read_file(out))[0]);
  CHECK(first.at("reverse_weights").size() == first.at("weights")[0].size());
}

TEST_CASE("align reports wrong usage and texts that do not match") {
  const Pair pair;
  attn_fails(2, pair.of("align", {"--symmetrize", "union"}),
             {"--symmetrize needs --reverse-model"});
  attn_fails(2, pair.of("align", {"--index-base", "2"}), {"--index-base"});
  attn_fails(2, pair.of("align", {"--index-base", "1", "--output", "x.jsonl"}),
             {"JSON lines count words from 0"});
  const std::string far = pair.scratch.file("far", "9-1\n").string();
  attn_fails(1, pair.of("align", {"--gold-alignment", far, "--index-base", "1"}),
             {"far:1: link 9-1 is out of range", "counted from 1"});
  attn_fails(2, pair.of("align", {"--diagnostics", "x.txt"}),
             {"--diagnostics: must end in .jsonl or .tsv, got x.txt"});
  attn_fails(1, pair.of("align", {"--output", pair.source}), {"overwrite --source"});
  const std::string short_one = pair.scratch.file("short", toy_target(0, 3)).string();
  attn_fails(
      1,
      {"align", "--model", Toy::instance().best(), "--source", pair.source, "--target", short_one},
      {"ends after line 3", pair.source, "has more lines"});
  const std::string bad = pair.scratch.file("bad", "0-0\n").string();
  attn_fails(1, pair.of("align", {"--gold-alignment", bad}), {"bad", "ends after line 1"});
}

TEST_CASE("score prints log-probabilities of pairs as a table, and of each subword as JSON lines") {
  const Pair pair;
  const auto rows = table(attn_ok(pair.of("score")).out);
  REQUIRE(rows.size() == kToyTest);
  const std::string path = (pair.scratch / "s.jsonl").string();
  attn_ok(pair.of("score", {"--output", path}));
  const auto objects = lines_of(read_file(path));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(rows[i].size() == 3);
    const Json object = Json::parse(objects[i]);
    const double log_prob = std::stod(rows[i][0]);
    CHECK(object.at("line") == i);
    CHECK(object.at("tokens").size() == std::stoul(rows[i][2]));
    CHECK(object.at("tokens").back().at("text") == "</s>");
    CHECK(sum_of(object.at("tokens")) == doctest::Approx(log_prob).epsilon(1e-5));
    // search.length_penalty_alpha is 1, so the score is the mean.
    CHECK(std::stod(rows[i][1]) == doctest::Approx(log_prob / std::stod(rows[i][2])).epsilon(1e-4));
  }
  const auto sums =
      table(attn_ok(pair.of("score", {"--set", "search.length_penalty_alpha=0"})).out);
  CHECK(sums[0][0] == sums[0][1]);
}

TEST_CASE(
    "score agrees with the perplexity of eval, and an ensemble of two copies of a model with "
    "the model") {
  const Pair pair;
  double sum = 0, tokens = 0;
  for (const auto& row : table(attn_ok(pair.of("score")).out))
    sum += std::stod(row[0]), tokens += std::stod(row[2]);
  const Json eval = Json::parse(attn_ok({"eval", "--model", Toy::instance().best(), "--source",
                                         pair.source, "--reference", pair.target, "--json"})
                                    .out);
  CHECK(eval.at("cross_entropy").get<double>() == doctest::Approx(-sum / tokens).epsilon(1e-4));
  CHECK(attn_ok(pair.of("score", {"--model", Toy::instance().best()})).out ==
        attn_ok(pair.of("score")).out);
}

TEST_CASE("score returns an n-best list in the order of its scores") {
  const Pair pair;
  const auto one = lines_of(toy_target(0, 1))[0];
  const std::string list = pair.scratch
                               .file("nbest", "0 ||| dix dix dix ||| -1 ||| -2\n0 ||| " + one +
                                                  "\n0 ||| \n0 ||| sept\n1 ||| un\n")
                               .string();
  const auto lines = lines_of(attn_ok({"score", "--model", Toy::instance().best(), "--source",
                                       pair.source, "--n-best", list})
                                  .out);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("0 ||| " + one + " ||| "));
  const std::string others = lines[1] + lines[2];
  CHECK(others.find("0 ||| dix dix dix ||| -1 ||| -2 ||| ") != std::string::npos);
  CHECK(others.find("0 ||| sept ||| ") != std::string::npos);
  CHECK(lines[3] == "0 |||  ||| nan ||| nan");
  CHECK(lines[4].starts_with("1 ||| un ||| "));
  const auto fails = [&](const std::string& text, const std::string& why) {
    attn_fails(1,
               {"score", "--model", Toy::instance().best(), "--source", pair.source, "--n-best",
                pair.scratch.file("bad", text).string()},
               {"bad:" + std::to_string(lines_of(text).size()), why});
  };
  fails("0 ||| un\n1 ||| un\n0 ||| deux\n", "number 0 appears again after other numbers");
  fails("x ||| un\n", "number ||| translation");
  fails("un\n", "number ||| translation");
  fails("99 ||| un\n", "a source text of 12 lines");
}

TEST_CASE("score reports wrong usage, and nan for a pair with an empty side") {
  const Pair pair;
  attn_fails(2, {"score", "--model", Toy::instance().best(), "--source", pair.source},
             {"--target FILE", "--n-best FILE"});
  attn_fails(1, pair.of("score", {"--set", "search.beam_size=2"}),
             {"cannot be changed for a trained model"});
  const auto rows = table(attn_ok({"score", "--model", Toy::instance().best(), "--source",
                                   pair.scratch.file("a", "one\n\n").string(), "--target",
                                   pair.scratch.file("b", "\nun\n").string()})
                              .out);
  CHECK(rows == std::vector<std::vector<std::string>>(2, {"nan", "nan", "0"}));
}
