// attn eval: its results, and which of them are present in each mode.
#include <cmath>
#include <set>
#include <sstream>

#include "base/file.h"
#include "base/json.h"
#include "support/json.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

Json eval_json(const Arguments& more) {
  return Json::parse(attn_ok(Arguments{"eval", "--json"} + more).out);
}

const std::set<std::string> kOfText = {"bleu", "chrf", "chrf++", "ter"};
const std::set<std::string> kOfModel = {"bleu",
                                        "chrf",
                                        "chrf++",
                                        "ter",
                                        "perplexity",
                                        "cross_entropy",
                                        "token_accuracy",
                                        "sentences_per_second",
                                        "tokens_per_second"};
const std::set<std::string> kOfAttention = {"attention"};
const std::set<std::string> kOfAlignment = {"alignment_error_rate", "alignment_precision",
                                            "alignment_recall"};

}  // namespace

// Outside the anonymous namespace, where it would hide the operator of toy.h.
static std::set<std::string> operator+(std::set<std::string> a, const std::set<std::string>& b) {
  a.insert(b.begin(), b.end());
  return a;
}

namespace {

// Returns the lines of a file; in every other one, the last word comes first.
std::string swapped_words(const std::string& path) {
  std::string out;
  bool swap = false;
  for (const auto& line : lines_of(read_file(path))) {
    const std::size_t cut = line.rfind(' ');
    out += (swap ? line.substr(cut + 1) + " " + line.substr(0, cut) : line) + "\n";
    swap = !swap;
  }
  return out;
}

}  // namespace

TEST_CASE("eval rejects options that have no effect on given translations") {
  const std::string text = Toy::instance().path("test.fr");
  for (const char* option : {"--samples", "--seed"})
    attn_fails(2, {"eval", "--hypothesis", text, "--reference", text, option, "10"},
               {"no effect without --confidence"});
  attn_fails(2, {"eval", "--hypothesis", text, "--reference", text, "--threads", "2"},
             {"leave out --threads"});
}

TEST_CASE("eval --config evaluates the best model on the test text with its gold alignments") {
  const auto& toy = Toy::instance();
  const Json json = eval_json({"--config", toy.config()});
  CHECK(keys(json) == kOfModel + kOfAttention + kOfAlignment);
  CHECK(keys(json["bleu"]) == std::set<std::string>{"score", "signature"});
  CHECK(keys(json["chrf"]) == std::set<std::string>{"score", "signature"});
  CHECK(json["perplexity"].get<double>() ==
        doctest::Approx(std::exp(json["cross_entropy"].get<double>())));
  const std::string text = attn_ok({"eval", "--config", toy.config()}).out;
  for (const char* name : {"12 sentences", "BLEU", "chrF", "chrF++", "TER", "perplexity",
                           "token accuracy", "alignment error rate", "sentences per second"})
    CHECK_MESSAGE(text.find(name) != std::string::npos, text);
}

TEST_CASE(
    "evaluated on its own translations, a model has BLEU 100 and the log-probability of the "
    "search") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string links = (scratch / "links").string(), out = (scratch / "out").string();
  attn_ok({"translate", "--model", toy.best(), "--input", toy.path("test.en"), "--output", out,
           "--alignments", links});
  const Json json =
      eval_json({"--model", toy.best(), "--source", toy.path("test.en"), "--reference", out,
                 "--gold-alignment", links, "--output", (scratch / "again").string()});
  CHECK(json["bleu"]["score"].get<double>() == doctest::Approx(100));
  CHECK(json["chrf"]["score"].get<double>() == doctest::Approx(100));
  CHECK(json["alignment_error_rate"].get<double>() == 0);
  CHECK(read_file(scratch / "again") == read_file(out));

  // Forced decoding and search give the same log-probability.
  const auto n_best = attn_ok({"translate", "--model", toy.best(), "--input", toy.path("test.en"),
                               "--set", "search.n_best=2"});
  double log_prob = 0, tokens = 0;
  std::string last;
  for (const auto& line : lines_of(n_best.out)) {
    const std::string number = line.substr(0, line.find(' '));
    if (number == last) continue;
    last = number;
    std::istringstream fields(line);
    std::string word;
    for (int bars = 0; bars < 2 && fields >> word;) bars += word == "|||" ? 1 : (++tokens, 0);
    double value = 0;
    fields >> value;
    log_prob += value;
  }
  // `tokens` counts the number at the beginning of each line instead of the end of sentence.
  CHECK(json["cross_entropy"].get<double>() == doctest::Approx(-log_prob / tokens).epsilon(1e-4));
}

TEST_CASE("eval of a model on a given text has no alignment error rate without gold alignments") {
  const auto& toy = Toy::instance();
  const Arguments given = {"--model",           toy.best(),    "--source",
                           toy.path("test.en"), "--reference", toy.path("test.fr")};
  CHECK(keys(eval_json(given)) == kOfModel + kOfAttention);
  const Json with = eval_json(given + Arguments{"--gold-alignment", toy.path("test.align")});
  CHECK(keys(with) == kOfModel + kOfAttention + kOfAlignment);
  const Json own = eval_json({"--model", toy.best()});
  CHECK(own["alignment_error_rate"] == with["alignment_error_rate"]);
  CHECK(own["bleu"] == with["bleu"]);

  const Scratch scratch;
  std::string from_one;
  for (const std::string& line : lines_of(read_file(toy.path("test.align")))) {
    std::istringstream links(line);
    for (int source = 0, target = 0; links >> source >> target;)  // "0-0" is read as 0 and -0
      from_one += std::to_string(source + 1) + "-" + std::to_string(1 - target) + " ";
    from_one += "\n";
  }
  const auto shifted = scratch.file("from-one.align", from_one);
  const Json same =
      eval_json(given + Arguments{"--gold-alignment", shifted.string(), "--index-base", "1"});
  CHECK(same["alignment_error_rate"] == with["alignment_error_rate"]);
  CHECK(same["alignment_recall"] == with["alignment_recall"]);
}

TEST_CASE("eval writes heatmaps of the translations and of the references") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string file = (scratch / "x.json").string();
  const Json scores = eval_json({"--config", toy.config(), "--heatmap", file});
  const Json sentences = Json::parse(read_file(file))["sentences"];
  REQUIRE(sentences.size() == 2 * kToyTest);
  double log_prob = 0, pieces = 0;
  for (std::size_t i = 0; i < sentences.size(); i += 2) {
    CHECK(sentences[i]["name"] == "translation");
    CHECK(sentences[i].contains("chrf"));
    const Json& reference = sentences[i + 1];
    CHECK(reference["name"] == "reference");
    CHECK(reference["line"] == sentences[i]["line"]);
    CHECK(reference["gold"]["sure"][0] == Json({0, 0}));
    log_prob += reference["log_prob"].get<double>();
    pieces += static_cast<double>(reference["subwords"]["target"].size());
  }
  CHECK(-log_prob / pieces == doctest::Approx(scores["cross_entropy"].get<double>()).epsilon(1e-4));
}

TEST_CASE("eval of a given translation needs no model") {
  const Scratch scratch;
  const std::string a = scratch.file("a", "The cat sat on the mat .\n").string();
  const std::string b = scratch.file("b", "the cat sat on the mat .\n").string();
  const Json json = eval_json({"--hypothesis", a, "--reference", b});
  CHECK(keys(json) == kOfText);
  // 6 of 7 words, 5 of 6, 4 of 5 and 3 of 4 n-grams match; there is no brevity penalty.
  CHECK(json["bleu"]["score"].get<double>() ==
        doctest::Approx(100 * std::pow(6. / 7 * 5 / 6 * 4 / 5 * 3 / 4, 0.25)));
  CHECK(json["bleu"]["signature"].get<std::string>().starts_with(
      "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:"));
  const Json lower =
      eval_json({"--hypothesis", a, "--reference", b, "--lowercase", "--tokenize", "none"});
  CHECK(lower["bleu"]["score"].get<double>() == doctest::Approx(100));
  CHECK(lower["bleu"]["signature"].get<std::string>().starts_with(
      "nrefs:1|case:lc|eff:no|tok:none|"));
  CHECK(json["ter"]["score"] == 0);  // ignores case by default
  const Json ter = eval_json({"--hypothesis", a, "--reference", b, "--ter-case-sensitive",
                              "--ter-normalized", "--ter-no-punct"});
  CHECK(ter["ter"]["score"].get<double>() == doctest::Approx(100. / 6));
  CHECK(ter["ter"]["signature"].get<std::string>().starts_with(
      "nrefs:1|case:mixed|tok:tercom|norm:yes|punct:no|asian:no|version:"));
}

TEST_CASE("eval takes several references, of which all but one may have an empty line") {
  const Scratch scratch;
  const std::string a = scratch.file("a", "the cat sat on it\none more line here\n").string();
  const std::string r = scratch.file("r", "a dog\none more line here\n").string();
  const std::string s = scratch.file("s", "the cat sat on it\n\n").string();
  const Json json = eval_json({"--hypothesis", a, "--reference", r, "--reference", s});
  CHECK(json["bleu"]["score"].get<double>() == doctest::Approx(100));
  CHECK(json["ter"]["score"] == 0);
  CHECK(json["bleu"]["signature"].get<std::string>().starts_with("nrefs:var|"));
  attn_fails(1, {"eval", "--hypothesis", a, "--reference", s, "--reference", s},
             {s + ":2: the reference is empty"});
  attn_fails(1, {"eval", "--hypothesis", a, "--reference", r, "--reference", "nowhere"},
             {"nowhere: cannot open"});
}

TEST_CASE("eval of a model with several references computes the perplexity of the first one") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string out = (scratch / "out").string();
  const Arguments one = {"--model",           toy.best(),    "--source",
                         toy.path("test.en"), "--reference", toy.path("test.fr")};
  const Json alone = eval_json(one + Arguments{"--output", out});
  const Json both = eval_json(one + Arguments{"--reference", out});
  CHECK(both["bleu"]["score"].get<double>() == doctest::Approx(100));
  CHECK(both["perplexity"] == alone["perplexity"]);
  attn_fails(1,
             {"eval", "--model", toy.best(), "--source", toy.path("test.en"), "--reference",
              toy.path("test.fr"), "--reference", out, "--output", out},
             {"--output would overwrite --reference"});
}

TEST_CASE("eval --confidence adds intervals that depend on the seed only") {
  const auto& toy = Toy::instance();
  const std::string text = toy.path("test.fr");
  const Scratch scratch;
  const std::string other = scratch.file("other", swapped_words(text)).string();
  const Arguments given = {"--hypothesis", other, "--reference", text, "--confidence"};
  const Json json = eval_json(given);
  CHECK(keys(json) == kOfText);
  for (const auto& item : json.items()) {
    const Json& score = item.value();
    CAPTURE(item.key());
    CHECK(keys(score) == std::set<std::string>{"score", "signature", "mean", "half_width"});
    CHECK(score["half_width"].get<double>() > 0);
    CHECK(score["signature"].get<std::string>().starts_with("nrefs:1|bs:1000|seed:12345|case:"));
  }
  CHECK(eval_json(given) == json);
  const Json others = eval_json(given + Arguments{"--seed", "2", "--samples", "100"});
  CHECK(others["chrf"]["mean"] != json["chrf"]["mean"]);
  CHECK(others["chrf"]["score"] == json["chrf"]["score"]);
  CHECK(others["chrf"]["signature"].get<std::string>().starts_with("nrefs:1|bs:100|seed:2|"));
  CHECK(attn_ok(Arguments{"eval"} + given).out.find(" ± ") != std::string::npos);
  attn_fails(2, Arguments{"eval"} + given + Arguments{"--samples", "0"}, {"--samples"});
}

TEST_CASE("eval compares further translations with the first one") {
  const auto& toy = Toy::instance();
  const std::string text = toy.path("test.fr");
  const Scratch scratch;
  const std::string worse = scratch.file("worse", swapped_words(text)).string();
  const Arguments given = {"--hypothesis", text, "--hypothesis", worse, "--reference", text};
  const Json json = eval_json(given);
  REQUIRE(json["systems"].size() == 2);
  const Json &a = json["systems"][0], &b = json["systems"][1];
  CHECK(a["name"] == text);
  CHECK(b["name"] == worse);
  for (const auto& name : kOfText) {
    CAPTURE(name);
    CHECK(keys(a[name]) == std::set<std::string>{"score", "signature", "mean", "half_width"});
    const double difference = b[name]["score"].get<double>() - a[name]["score"].get<double>();
    CHECK(b[name]["difference"].get<double>() == doctest::Approx(difference));
    CHECK(b[name]["p_value"].get<double>() >= 1. / 1001);
    CHECK(b[name]["p_value"].get<double>() < 0.05);
    // The same as when evaluated alone.
    const Json alone =
        eval_json({"--hypothesis", worse, "--reference", text, "--confidence"})[name];
    CHECK(alone["mean"] == b[name]["mean"]);
  }
  const std::string table = attn_ok(Arguments{"eval"} + given).out;
  for (const char* part : {"BLEU", "TER", "bs:1000|seed:12345", "p-value", " ± "})
    CHECK_MESSAGE(table.find(part) != std::string::npos, table);
  const std::string one = scratch.file("one", "un\n").string();
  attn_fails(1, Arguments{"eval"} + given + Arguments{"--hypothesis", one},
             {one + " has 1 lines", "test.fr has 12", "same line"});
}

TEST_CASE("eval --set overrides options of search and of the test text only") {
  const auto& toy = Toy::instance();
  const Json json = eval_json({"--config", toy.config(), "--set", "search.beam_size=1", "--set",
                               "data.bleu_tokenizer=char"});
  CHECK(json["bleu"]["signature"].get<std::string>().find("tok:char") != std::string::npos);
  for (const char* set : {"train.seed=2", "data.max_length=7"})
    attn_fails(1, {"eval", "--config", toy.config(), "--set", set},
               {"--set: " + std::string(set), "cannot be changed for a trained model",
                "search.beam_size=10"});
  attn_fails(1, {"eval", "--config", toy.config(), "--set", "data.test_source=nowhere"},
             {"data.test_source: no such file"});
}

TEST_CASE("eval --config uses the current search options and test text of the file") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const auto config = scratch.file("other.json", R"({
    "data": {"test_source": "s", "test_target": "t", "bleu_tokenizer": "none"},
    "train": {"run_dir": ")" + toy.path("run") + R"("}, "search": {"beam_size": 2}})");
  scratch.file("s", "one\ntwo\n");
  scratch.file("t", "un\ndeux\n");
  const std::string text = attn_ok({"eval", "--config", config.string()}).out;
  for (const char* part : {"2 sentences", "tok:none", "beam 2"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
}

TEST_CASE("output that cannot be written is an error") {
  const auto& toy = Toy::instance();
  for (const std::string command : {"eval", "check", "train --help"})
    CHECK(std::system((ATTN_PROGRAM " " + command + " --config " + toy.config() +
                       " > /dev/full 2> /dev/null")
                          .c_str()) == 1 << 8);
}

TEST_CASE("eval does not overwrite a file that it reads") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string target = scratch.file("t", "un\n").string(), source = toy.path("test.en");
  attn_fails(1, {"eval", "--config", toy.config(), "--output", toy.path("test.fr")},
             {"--output would overwrite data.test_target"});
  attn_fails(1,
             {"eval", "--model", toy.best(), "--source", source, "--reference", target, "--output",
              target},
             {target + ": --output would overwrite --reference"});
  CHECK(read_file(target) == "un\n");
}

TEST_CASE("eval of a model without attention has no alignment and rejects gold alignments") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_ok(toy.train(scratch / "run",
                    {"--set", "model.attention.score=none", "--set", "train.max_updates=5"}));
  const std::string blind = (scratch / "run" / "best").string();
  CHECK(keys(eval_json({"--model", blind})) == kOfModel);
  attn_fails(1, {"eval", "--model", blind, "--gold-alignment", toy.path("test.align")},
             {blind, "no attention", "leave out"});
}

TEST_CASE("eval rejects options that exclude each other") {
  const auto& toy = Toy::instance();
  const std::string text = toy.path("test.fr"), config = toy.config();
  const Arguments eval = {"eval"}, hypothesis = {"--hypothesis", text};
  attn_fails(2, eval, {"--config FILE", "--model DIR", "--hypothesis FILE", "attn eval --help"});
  attn_fails(2, eval + Arguments{"--config", config, "--model", toy.best()}, {"give one of"});
  attn_fails(2, eval + hypothesis, {"--hypothesis needs --reference"});
  attn_fails(2, eval + Arguments{"--config", config, "--source", text},
             {"--source and --reference must be given together"});
  const Arguments both = eval + hypothesis + Arguments{"--reference", text};
  for (const char* option :
       {"--config", "--model", "--source", "--gold-alignment", "--output", "--heatmap"})
    attn_fails(2, both + Arguments{option, "x.tsv"}, {"without a model; leave out", option});
  attn_fails(2, both + Arguments{"--set", "search.beam_size=1"},
             {"without a model; leave out", "--set"});
  attn_fails(2, both + Arguments{"--tokenize", "13b"}, {"--tokenize", "13b", "13a"});
  attn_fails(2, both + Arguments{"--tokenize", "ja-mecab"},
             {"ja-mecab is not supported", "use \"char\""});
  attn_fails(2, both + Arguments{"--tokenize", "flores200"}, {"SentencePiece model of FLORES"});
}

TEST_CASE("eval rejects texts and alignments that do not match") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string one = scratch.file("one", "un\n").string();
  const std::string empty = scratch.file("empty", "").string();
  attn_fails(1, {"eval", "--hypothesis", one, "--reference", toy.path("test.fr")},
             {one + " has 1 lines", "test.fr has 12", "same line"});
  attn_fails(1, {"eval", "--hypothesis", empty, "--reference", empty},
             {empty + ": the file is empty"});
  attn_fails(1, {"eval", "--hypothesis", "nowhere", "--reference", one}, {"nowhere: cannot open"});
  const std::string gap = scratch.file("gap", "un\n\n").string();
  attn_fails(1, {"eval", "--hypothesis", gap, "--reference", gap},
             {gap + ":2: the reference is empty"});
  const Arguments eval = {"eval", "--model", toy.best()};
  attn_fails(1, eval + Arguments{"--source", one, "--reference", toy.path("test.fr")},
             {one + " has 1 lines"});
  attn_fails(1, eval + Arguments{"--source", empty, "--reference", empty},
             {empty + ": the file is empty"});
  attn_fails(1, eval + Arguments{"--source", gap, "--reference", gap},
             {gap + ":2: the reference is empty"});
  const auto gold = [&](const std::string& content, const std::vector<std::string>& parts) {
    const std::string file = scratch.file("gold", content).string();
    attn_fails(1, eval + Arguments{"--gold-alignment", file}, parts);
  };
  gold("0-0\n", {"gold has 1 lines, but the text has 12"});
  gold(toy_links(kToyTrain, kToyTest - 1) + "0-0 4-0\n",
       {"gold:12: link 4-0 is out of range for a source of 4 and a target of 4 words"});
  gold("zero\n" + toy_links(0, kToyTest - 1),
       {"gold:1: \"zero\" is not an alignment link", "source-target"});
}

TEST_CASE("eval of a model without a test text needs --source and --reference") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const auto none = [](const char* key) { return "data." + std::string(key) + "=null"; };
  attn_ok(toy.train(scratch / "run",
                    {"--set", none("test_source"), "--set", none("test_target"), "--set",
                     none("test_alignment"), "--set", "train.max_updates=1"}));
  attn_fails(1, {"eval", "--model", (scratch / "run" / "best").string()},
             {"names no test text (data.test_source, data.test_target)", "give --source"});
}
