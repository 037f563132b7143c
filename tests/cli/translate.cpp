// attn translate: texts, n-best lists, alignments, heatmaps, JSON lines, and options of search.
#include <zlib.h>

#include "base/file.h"
#include "base/json.h"
#include "toy.h"

using attn::Json;
using attn::read_file;
using namespace std::string_literals;

namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0, end = 0;
  while ((end = text.find(separator, begin)) != std::string::npos) {
    parts.push_back(text.substr(begin, end - begin));
    begin = end + separator.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// Returns the directory of a model without attention.
const std::string& blind_model() {
  static const Scratch scratch;
  static const std::string path = [] {
    attn_ok(Toy::instance().train(
        scratch / "run", {"--set", "model.attention.score=none", "--set", "train.max_updates=5"}));
    return (scratch / "run" / "best").string();
  }();
  return path;
}

}  // namespace

TEST_CASE("translate prints one line per input line, in order, and nothing else") {
  const auto result = attn_ok(translate(), "one two\n\nseven\n \nthree four five\n");
  const auto lines = lines_of(result.out);
  REQUIRE(lines.size() == 5);
  CHECK(lines[1].empty());
  CHECK(lines[3].empty());
  CHECK(lines[0] == lines_of(attn_ok(translate(), "one two\n").out)[0]);
  CHECK(result.err.empty());
  CHECK(attn_ok(translate(), "").out.empty());
  CHECK(attn_ok(translate(), "\n\n\n").out == "\n\n\n");
}

TEST_CASE("the toy model has learned its language") {
  const auto lines = lines_of(attn_ok(translate(), toy_source(0, kToyTrain)).out);
  const auto right = lines_of(toy_target(0, kToyTrain));
  REQUIRE(lines.size() == right.size());
  int same = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) same += lines[i] == right[i];
  CHECK(same > kToyTrain * 8 / 10);
}

TEST_CASE("translations in int8 are nearly those in float32 and do not depend on the batch size") {
  const auto translations = [](const Arguments& more) {
    return lines_of(attn_ok(translate(more), toy_source(0, kToyTrain)).out);
  };
  const std::string precision = "search.precision=int8";
  const auto plain = translations({}), low = translations({"--set", precision});
  REQUIRE(low.size() == plain.size());
  int same = 0;
  for (std::size_t i = 0; i < low.size(); ++i) same += low[i] == plain[i];
  CHECK(same >= kToyTrain * 9 / 10);
  CHECK(translations({"--set", precision, "--set", "search.batch_size=7"}) == low);
}

TEST_CASE("translations do not depend on the order of the lines, the batch size or the threads") {
  const std::string text = toy_source(50, 40);
  auto backwards = lines_of(text);
  std::reverse(backwards.begin(), backwards.end());
  std::string reversed;
  for (const auto& line : backwards) reversed += line + "\n";
  auto lines = lines_of(attn_ok(translate({"--set", "search.batch_size=3"}), reversed).out);
  std::reverse(lines.begin(), lines.end());
  CHECK(lines == lines_of(attn_ok(translate({"--threads", "1"}), text).out));
}

TEST_CASE("translate reads files, gzip, CRLF, a byte-order mark and an unterminated last line") {
  const Scratch scratch;
  const std::string text = toy_source(0, 9), expected = attn_ok(translate(), text).out;
  const std::string out = (scratch / "out").string();
  const auto from = [&](const fs::path& input) {
    const auto result = attn_ok(translate({"--input", input.string(), "--output", out}));
    CHECK(result.out.empty());
    return read_file(out);
  };
  CHECK(from(scratch.file("plain", text)) == expected);
  CHECK(from(scratch.file("windows", "\xef\xbb\xbf" + replaced(text, "\n", "\r\n"))) == expected);
  CHECK(from(scratch.file("open", text.substr(0, text.size() - 1))) == expected);
  const gzFile packed = gzopen((scratch / "text.gz").c_str(), "wb");
  gzwrite(packed, text.data(), static_cast<unsigned>(text.size()));
  gzclose(packed);
  CHECK(from(scratch / "text.gz") == expected);
  attn_ok(translate({"--output", "/dev/null"}), text);
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("n-best lines are number ||| translation ||| log-probability ||| score, the best first") {
  const std::string text = "one two\n\nfive\n";
  const auto best = lines_of(attn_ok(translate(), text).out);
  const auto lines = lines_of(attn_ok(translate({"--set", "search.n_best=3"}), text).out);
  int number = -1;
  double score = 0;
  for (const auto& line : lines) {
    CAPTURE(line);
    const auto fields = split(line, " ||| ");
    REQUIRE(fields.size() == 4);
    const bool first = std::stoi(fields[0]) != number;
    number = std::stoi(fields[0]);
    if (first) CHECK(fields[1] == best[static_cast<std::size_t>(number)]);
    if (!first) CHECK(std::stod(fields[3]) <= score);
    score = std::stod(fields[3]);
    // The score is the mean over the words and the end of sentence.
    if (!fields[1].empty())
      CHECK(std::stod(fields[2]) / static_cast<double>(split(fields[1], " ").size() + 1) ==
            doctest::Approx(score).epsilon(1e-4));
  }
  CHECK(lines.size() == 7);
  CHECK(number == 2);
  attn_fails(1, translate({"--set", "search.n_best=9"}), {"search.n_best (9)", "search.beam_size"});
}

TEST_CASE(
    "translate --alignments writes one line per sentence, as i-j or as JSON with the weights") {
  const Scratch scratch;
  const std::string text = "one two three\n\nfour\n";
  const std::string pharaoh = (scratch / "a.align").string(), json = (scratch / "a.jsonl").string();
  for (const char* beam : {"search.beam_size=1", "search.beam_size=4"}) {
    const auto out =
        lines_of(attn_ok(translate({"--set", beam, "--alignments", pharaoh}), text).out);
    attn_ok(translate({"--set", beam, "--alignments", json}), text);
    const auto links = lines_of(read_file(pharaoh)), objects = lines_of(read_file(json));
    REQUIRE(links.size() == 3);
    REQUIRE(objects.size() == 3);
    CHECK(links[1].empty());
    for (std::size_t i = 0; i < 3; ++i) {
      const Json object = Json::parse(objects[i]);
      std::string same_links;
      for (const auto& link : object["links"])
        same_links.append(link[0].dump()).append("-").append(link[1].dump()).append(" ");
      CHECK(same_links == (links[i].empty() ? "" : links[i] + " "));
      if (i == 1) continue;
      const auto words = split(out[i], " ");
      REQUIRE(object["target"].size() == words.size() + 1);
      CHECK(object["source"].size() == split(lines_of(text)[i], " ").size() + 1);
      CHECK(object["target"][0] == words[0]);
      CHECK(object["source"].back() == "</s>");
      CHECK(object["target"].back() == "</s>");
      CHECK(object["end_of_sentence"] == Json({{"source", true}, {"target", true}}));
      REQUIRE(object["weights"].size() == object["target"].size());
      for (std::size_t t = 0; t < object["weights"].size(); ++t) {
        const auto row = object["weights"][t].get<std::vector<double>>();
        CHECK(row.size() == object["source"].size());
        double sum = 0;
        for (const double weight : row) sum += weight;
        CHECK(sum == doctest::Approx(1).epsilon(1e-4));
        if (t + 1 == object["weights"].size()) continue;  // the end of sentence has no link
        const auto best = std::max_element(row.begin(), row.end() - 1) - row.begin();
        CHECK(object["links"][t] == Json({best, t}));
      }
    }
  }
}

TEST_CASE(
    "translate --heatmap writes one picture for one sentence, and numbered ones for several") {
  const Scratch scratch;
  const std::string one = (scratch / "one.svg").string(), many = (scratch / "many.svg").string();
  attn_ok(translate({"--heatmap", one}), "two three\n");
  const std::string svg = read_file(one);
  CHECK(svg.find("<svg") != std::string::npos);
  CHECK(svg.find(">three<") != std::string::npos);
  CHECK(Json::parse(read_file(scratch / "one.json"))["source"] == Json({"two", "three", "</s>"}));
  attn_ok(translate({"--heatmap", many}), "two\n\nthree\n");
  for (const char* name : {"many-1.svg", "many-1.json", "many-3.svg", "many-3.json"})
    CHECK_MESSAGE(fs::exists(scratch / name), name);
  CHECK_FALSE(fs::exists(scratch / "many-2.svg"));  // an empty line
  CHECK(Json::parse(read_file(scratch / "many-3.json"))["line"] == 2);
  attn_fails(2, translate({"--heatmap", "x.pdf"}),
             {"--heatmap: must end in .html, .svg, .png, .json or .tsv, got x.pdf"}, "two\n");
  attn_fails(1, translate({"--heatmap", one}), {"nothing to draw"}, "\n");
  attn_ok(translate({"--heatmap", one, "--set", "search.n_best=2"}), "three\n");
  CHECK(Json::parse(read_file(scratch / "one.json"))["source"] == Json({"three", "</s>"}));
}

TEST_CASE("--heatmap-font-size sets the size of the labels in points") {
  const Scratch scratch;
  const std::string svg = (scratch / "x.svg").string(), page = (scratch / "x.html").string();
  attn_ok(translate({"--heatmap", svg}), "one\n");
  // 9 points at 96 pixels per inch.
  CHECK(read_file(svg).find(" font-size=\"12\"") != std::string::npos);
  attn_ok(translate({"--heatmap", svg, "--heatmap", page, "--heatmap-font-size", "7.5"}), "one\n");
  CHECK(read_file(svg).find(" font-size=\"10\"") != std::string::npos);
  attn_fails(2, translate({"--heatmap", page, "--heatmap-font-size", "7.5"}), {"FILE.svg"},
             "one\n");
  attn_fails(2, translate({"--heatmap-font-size", "7.5"}), {"FILE.svg"}, "one\n");
  attn_fails(2, translate({"--heatmap", svg, "--heatmap-font-size", "0"}), {"4", "72"}, "one\n");
}

TEST_CASE("translate --heatmap can be repeated to write several formats") {
  const Scratch scratch;
  const std::string page = (scratch / "x.html").string(), json = (scratch / "x.json").string();
  attn_ok(translate({"--heatmap", page, "--heatmap", json}), "two three\n\nfour\n");
  const Json sentences = Json::parse(read_file(json))["sentences"];
  REQUIRE(sentences.size() == 2);
  CHECK(sentences[1]["line"] == 2);
  CHECK(sentences[1]["source"] == Json({"four", "</s>"}));
  CHECK(read_file(page).find("\"words\":[\"two\",\"three\"]") != std::string::npos);
  const std::string svg = (scratch / "x.svg").string();
  attn_fails(1, translate({"--heatmap", svg}), {json + ": refusing to overwrite"}, "two\n");
  for (const Arguments& both :
       {Arguments{"--heatmap", svg, "--heatmap", json}, {"--heatmap", json, "--heatmap", svg}})
    attn_fails(1, translate(both),
               {json + ": --heatmap " + svg + " writes its data to this file",
                "leave out --heatmap " + json},
               "two\n");
}

TEST_CASE("translate does not overwrite its input, other output or foreign files") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string svg = (scratch / "my.svg").string(), json = (scratch / "my.json").string();
  scratch.file("my.json", R"({"model": {}})");
  attn_fails(1, translate({"--heatmap", svg}), {json + ": refusing to overwrite"}, "one\n");
  CHECK(read_file(json) == R"({"model": {}})");
  CHECK_FALSE(fs::exists(svg));
  fs::remove(json);
  attn_fails(1, translate({"--heatmap", svg, "--output", json}),
             {json + ": the data file of --heatmap would overwrite --output"}, "one\n");
  attn_fails(1, translate({"--output", json, "--alignments", json}),
             {json + ": --alignments would overwrite --output"}, "one\n");
  attn_fails(1, translate({"--input", toy.path("test.en"), "--output", toy.path("test.en")}),
             {"--output would overwrite --input"});
  attn_ok(translate({"--output", "/dev/null", "--alignments", "/dev/null"}), "one\n");
}

TEST_CASE("translate reads a pipe like a file") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  const std::string out = (scratch / "out").string();
  const std::string command = "cat " + toy.path("test.en") +
                              " | " ATTN_PROGRAM " translate --model " + toy.best() +
                              " --input /dev/stdin --output " + out;
  CHECK(std::system(command.c_str()) == 0);
  CHECK(read_file(out) == attn_ok(translate({"--input", toy.path("test.en")})).out);
  const std::string piped = std::string("echo 'one two' | ") + ATTN_PROGRAM +
                            " translate --model " + toy.best() +
                            " --output /dev/stdout 2>/dev/null | cat > " + out;
  CHECK(std::system(piped.c_str()) == 0);
  CHECK(read_file(out) == attn_ok(translate(), "one two\n").out);
}

TEST_CASE("in n-best lists, each alignment begins with the number of its line") {
  const Scratch scratch;
  const std::string pharaoh = (scratch / "a.align").string(), json = (scratch / "a.jsonl").string();
  const Arguments two = {"--set", "search.n_best=2"};
  const auto text =
      lines_of(attn_ok(translate(two + Arguments{"--alignments", pharaoh}), "one\ntwo\n").out);
  attn_ok(translate(two + Arguments{"--alignments", json}), "one\ntwo\n");
  const auto links = lines_of(read_file(pharaoh)), objects = lines_of(read_file(json));
  REQUIRE(text.size() == 4);
  REQUIRE(links.size() == 4);
  REQUIRE(objects.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string number = text[i].substr(0, text[i].find(' '));
    CHECK(links[i].starts_with(number + " ||| "));
    CHECK(Json::parse(objects[i])["line"].dump() == number);
  }
}

TEST_CASE("several models translate as an ensemble if their vocabularies are the same") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_ok(toy.train(
      scratch / "run",
      {"--set", "data.source_tokenizer=" + toy.best() + "/source.spm", "--set",
       "data.target_tokenizer=" + toy.best() + "/target.spm", "--set", "data.tokenizer=null",
       "--set", "data.source_vocabulary_size=null", "--set", "data.target_vocabulary_size=null",
       "--set", "train.seed=2", "--set", "model.hidden_size=24"}));
  const std::string second = (scratch / "run" / "best").string();
  const std::string text = toy_source(20, 30), n_best = "search.n_best=2";
  const auto both = attn_ok(translate({"--model", second}), text);
  CHECK(lines_of(both.out).size() == 30);
  const auto alone = attn_ok(translate({"--set", n_best}), text);
  const auto twice = attn_ok(translate({"--model", toy.best(), "--set", n_best}), text);
  const auto a = lines_of(alone.out), b = lines_of(twice.out);
  REQUIRE(a.size() == b.size());
  // An ensemble of a model with itself equals the model.
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = split(a[i], " ||| "), y = split(b[i], " ||| ");
    CHECK(x[1] == y[1]);
    CHECK(std::stod(x[2]) == doctest::Approx(std::stod(y[2])).epsilon(1e-4));
  }

  const auto other = scratch.file("other.en", replaced(toy_source(0, kToyTrain), "nine", "zero"));
  attn_ok(toy.train(scratch / "other", {"--set", "data.train_source=" + other.string(), "--set",
                                        "train.max_updates=1"}));
  const std::string stranger = (scratch / "other" / "best").string();
  attn_fails(1, translate({"--model", stranger}),
             {stranger + ": the source vocabulary differs from that of " + toy.best(),
              "same SentencePiece models"});
}

TEST_CASE("a model without attention translates, but rejects --alignments and --heatmap") {
  const Arguments blind = {"translate", "--model", blind_model()};
  CHECK(lines_of(attn_ok(blind, "one\ntwo\n").out).size() == 2);
  const Scratch scratch;
  for (const char* option : {"--alignments", "--heatmap"})
    attn_fails(1, blind + Arguments{option, (scratch / "x.svg").string()},
               {blind_model(), "no attention (model.attention.score \"none\")", "leave out"},
               "one\n");
}

TEST_CASE(
    "translate reports text that it cannot read, files that it cannot write, and bad options") {
  const auto& toy = Toy::instance();
  const Scratch scratch;
  attn_fails(1, translate({"--input", "nowhere.en"}), {"nowhere.en: cannot open"});
  const std::string nowhere = (scratch / "no" / "out").string();
  for (const char* option : {"--output", "--alignments"})
    attn_fails(1, translate({option, nowhere}), {nowhere + ": cannot write", "no directory"},
               "one\n");
  attn_fails(1, translate({"--set", "model.hidden_size=3"}),
             {"--set: model.hidden_size=3", "cannot be changed for a trained model",
              "search.beam_size=10"});
  attn_fails(1, translate({"--set", "data.test_source=x"}),
             {"data.test_source=x", "cannot be changed for a trained model"});
  attn_fails(1, translate({"--set", "search.max_length_ratio=2000"}), {"at most 1000"});
  attn_fails(1, translate({"--set", "search.beam_sise=3"}), {"did you mean \"search.beam_size\"?"});
  attn_fails(1, {"translate", "--config", toy.config(), "--set", "train.seed=2"}, {"train.seed=2"});
}

TEST_CASE("translate --config uses the best model of the run directory") {
  const auto& toy = Toy::instance();
  const std::string text = toy_source(0, 5);
  CHECK(attn_ok({"translate", "--config", toy.config()}, text).out ==
        attn_ok(translate(), text).out);
  const Scratch scratch;
  const auto config = scratch.file("new.json", R"({"train": {"run_dir": "new"}})");
  attn_fails(1, {"translate", "--config", config.string()},
             {(scratch / "new" / "best").string() + ": there is no trained model yet",
              "attn train --config " + config.string()});
}

TEST_CASE("translate --prefix sets the beginning of each translation") {
  const Scratch scratch;
  const std::string prefixes = scratch.file("prefix", "dix\n\nun deux\n").string();
  const std::string text = "one two\nthree\nfour five six\n";
  const auto lines = lines_of(attn_ok(translate({"--prefix", prefixes}), text).out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("dix"));
  CHECK(lines[1] == lines_of(attn_ok(translate(), "three\n").out)[0]);
  CHECK(lines[2].starts_with("un deux"));
  attn_fails(1, translate({"--prefix", prefixes}), {"prefix ends after line 3"}, text + "six\n");
  attn_fails(1, translate({"--prefix", prefixes}),
             {"prefix has more lines than the text, which ends after line 2"}, "one\ntwo\n");
}

TEST_CASE(
    "a line that is not text gets an empty translation and a warning, and the others are served") {
  const std::string good = attn_ok(translate(), "one\nthree\n").out;
  const auto bad = attn_run(translate(), "one\ntw\xff\nthree\n\0\n"s);
  CHECK(bad.code == 1);
  CHECK(lines_of(bad.out) ==
        std::vector<std::string>{lines_of(good)[0], "", lines_of(good)[1], ""});
  CHECK(bad.err.find("warning: standard input:2: not valid UTF-8 at byte 3") != std::string::npos);
  CHECK(bad.err.find("warning: standard input:4: a NUL at byte 1") != std::string::npos);
  CHECK(bad.err.find("2 lines could not be translated") != std::string::npos);
  const Scratch scratch;
  const auto alignments = (scratch / "x.align").string();
  CHECK(attn_run(translate({"--set", "search.n_best=2", "--alignments", alignments}), "\xff\none\n")
            .out.starts_with("0 |||  ||| 0.000000 ||| 0.000000\n1 ||| "));
  CHECK(read_file(alignments).starts_with("0 ||| \n1 ||| "));
}

TEST_CASE("translate --json-lines returns each object with its translation added") {
  const auto result = attn_ok(translate({"--json-lines", "--set", "search.n_best=2"}),
                              R"({"id": 7, "source": "one two", "more": [null]})"
                              "\n"
                              R"({"source": "three", "prefix": "dix"})"
                              "\n"
                              R"({"source": ""})"
                              "\n");
  const auto lines = lines_of(result.out);
  REQUIRE(lines.size() == 3);
  const Json first = Json::parse(lines[0]), second = Json::parse(lines[1]),
             third = Json::parse(lines[2]);
  CHECK(first.at("id") == 7);
  CHECK(first.at("more") == Json::parse("[null]"));
  CHECK(first.at("translation") == lines_of(attn_ok(translate(), "one two\n").out)[0]);
  CHECK(first.at("n_best").size() == 2);
  double sum = 0;
  for (const auto& token : first.at("tokens")) sum += token.at("log_prob").get<double>();
  CHECK(sum == doctest::Approx(first.at("log_prob").get<double>()).epsilon(1e-5));
  CHECK_FALSE(first.at("links").empty());
  CHECK(second.at("translation").get<std::string>().starts_with("dix"));
  for (const Json& empty : {third, third.at("n_best").at(0)}) {
    CHECK(empty.at("translation") == "");
    CHECK(empty.at("log_prob") == nullptr);
    CHECK(empty.at("score") == nullptr);
    CHECK(empty.at("tokens") == Json::array());
    CHECK(empty.at("links") == Json::array());
  }
  const Arguments blind = {"translate", "--model", blind_model(), "--json-lines"};
  CHECK_FALSE(Json::parse(attn_ok(blind, R"({"source": ""})").out).contains("links"));
}

TEST_CASE("translate --json-lines answers a line that cannot be served with its error") {
  const std::string good = R"({"source": "one two"})";
  const auto refuses = [&](const std::string& line, const std::string& why) {
    const auto result = attn_run(translate({"--json-lines"}), good + "\n" + line + "\n" + good);
    CHECK(result.code == 1);
    const auto lines = lines_of(result.out);
    REQUIRE(lines.size() == 3);
    CHECK(Json::parse(lines[0]).at("translation") == Json::parse(lines[2]).at("translation"));
    const Json error = Json::parse(lines[1]);
    CHECK(error.at("line") == 1);
    const std::string message = error.at("error");
    CHECK(message.starts_with("standard input:2: "));
    CHECK(message.find(why) != std::string::npos);
    CHECK(result.err.find("warning: " + message) != std::string::npos);
    return error;
  };
  refuses("", "not valid JSON");
  refuses(" ", "not valid JSON");
  refuses("{", "not valid JSON");
  refuses(R"({"source": "a"} // b)", "not valid JSON");
  refuses("{\"source\": \"\xff\"}", "not valid UTF-8");
  refuses("[1]", "must be an object");
  refuses("{}", "\"source\"");
  refuses(R"({"source": "a", "text": "a"})", "\"source\" or \"text\"");
  refuses(R"({"source": 3})", "\"source\" must be a string, got 3");
  refuses(R"({"source": "a", "prefix": null})", "\"prefix\" must be a string, got null");
  refuses(R"({"source": "a", "links": []})", "\"links\" is a field of the answer");
  refuses(R"({"source": "a", "id": 12345678901234567890123})", "more than 64 bits");
  refuses(R"({"source": "a", "beam_size": 0})", "search.beam_size: expected");
  refuses(R"({"source": "a", "n_best": 6})", "search.n_best (6) must not be above");
  refuses(R"({"source": "a", "top_k": 3})", "search.top_k does not apply");
  refuses("{\"source\": \"x\", \"id\": " + std::string(80000, '[') + std::string(80000, ']') + "}",
          "more than 100 levels");
  CHECK(refuses(R"({"source": 3, "id": "x"})", "string").at("id") == "x");
}

TEST_CASE("translate --json-lines accepts options of search in each request") {
  const std::string text = "one two three four";
  const auto with = [&](const std::string& options) {
    return Json::parse(
        attn_ok(translate({"--json-lines"}), R"({"text": ")" + text + "\"" + options + "}").out);
  };
  const auto without = [&](const Arguments& sets) {
    return lines_of(attn_ok(translate(sets), text).out);
  };
  CHECK(with("").at("translation") == without({})[0]);
  const Json four = with(R"(, "n_best": 4, "beam_size": 7)");
  const auto lines = without({"--set", "search.n_best=4", "--set", "search.beam_size=7"});
  REQUIRE(four.at("n_best").size() == 4);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(lines.at(i).starts_with(
        "0 ||| " + four.at("n_best").at(i).at("translation").get<std::string>() + " ||| "));
  CHECK(four.at("beam_size") == 7);
  CHECK(with(R"(, "max_length": 1)").at("tokens").size() == 2);
  const std::string sampled = R"(, "method": "sample", "temperature": 3, "seed": 5)";
  CHECK(with(sampled).at("translation") ==
        without({"--set", "search.method=sample", "--set", "search.temperature=3", "--set",
                 "search.seed=5"})[0]);
  // Requests with different options among others.
  const std::string request = R"({"text": "one two three four")";
  const auto mixed =
      lines_of(attn_ok(translate({"--json-lines"}),
                       request + "}\n" + request + R"(, "max_length": 1})" + "\n" + request + "}\n")
                   .out);
  REQUIRE(mixed.size() == 3);
  CHECK(mixed[0] == mixed[2]);
  CHECK(Json::parse(mixed[1]).at("tokens").size() == 2);
}

TEST_CASE("sampled translations depend on the seed, not on the batch size") {
  const std::string text = toy_source(0, 30);
  const auto with = [&](const std::string& seed, const std::string& batch = "64") {
    return attn_ok(
               translate({"--set", "search.method=sample", "--set", "search.temperature=3", "--set",
                          "search.seed=" + seed, "--set", "search.batch_size=" + batch}),
               text)
        .out;
  };
  CHECK(with("1") == with("1", "7"));
  CHECK(with("1") != with("2"));
  const auto cold =
      attn_ok(translate({"--set", "search.method=sample", "--set", "search.top_k=1"}), text).out;
  CHECK(cold == attn_ok(translate({"--set", "search.beam_size=1"}), text).out);
  attn_fails(1, translate({"--set", "search.method=sample", "--set", "search.beam_size=4"}),
             {"search.beam_size", "search.method \"beam\""});
  attn_fails(1, translate({"--set", "search.top_p=0.5"}), {"search.top_p", "\"sample\""});
}

TEST_CASE("search.min_length and search.max_length limit the translations") {
  const std::string text = toy_source(0, 20);
  const auto words = [&](const Arguments& more) {
    std::vector<std::size_t> out;
    for (const auto& line : lines_of(attn_ok(translate(more), text).out))
      out.push_back(split(line, " ").size());
    return out;
  };
  for (const std::size_t n : words({"--set", "search.min_length=6"})) CHECK(n >= 6);
  for (const std::size_t n : words({"--set", "search.max_length=2"})) CHECK(n <= 2);
  attn_fails(1, translate({"--set", "search.min_length=3", "--set", "search.max_length=2"}),
             {"search.min_length (3)", "search.max_length (2)"});
}

TEST_CASE("search options that need attention are errors for a model without it") {
  for (const char* option : {"search.replace_unknown=true", "search.coverage_penalty=0.5"})
    attn_fails(1, {"translate", "--model", blind_model(), "--set", option},
               {"needs attention weights", "\"none\""}, "one\n");
}

TEST_CASE("<unk> is never put out unless it is allowed, and is replaced if that is wanted") {
  // A model of targets that are mostly unknown words.
  const Scratch scratch;
  const auto& toy = Toy::instance();
  std::string rare;
  for (int i = 0; i < kToyTrain; ++i)
    rare += "w" + std::to_string(i) + " x" + std::to_string(i) + " deux\n";
  const fs::path run = scratch / "run";
  attn_ok(
      toy.train(run, {"--set", "data.train_target=" + scratch.file("rare", rare).string(), "--set",
                      "data.target_vocabulary_size=4", "--set", "train.max_updates=60"}));
  const Arguments command = {"translate", "--model", (run / "best").string()};
  const auto with = [&](const Arguments& more) {
    return attn_ok(command + more, toy_source(0, 30) + "one zwölf\n").out;
  };
  const std::string mark = "⁇";
  CHECK(with({"--set", "search.allow_unknown=true"}).find(mark) != std::string::npos);
  for (const Arguments& more : {Arguments{},
                                {"--set", "search.beam_size=1"},
                                {"--set", "search.method=sample"},
                                {"--model", (run / "last").string()},
                                {"--set", "search.replace_unknown=true"}})
    CHECK(with(more).find(mark) == std::string::npos);
  CHECK(with({"--set", "search.replace_unknown=true"}).find("one") != std::string::npos);
  attn_fails(1,
             command + Arguments{"--set", "search.replace_unknown=true", "--set",
                                 "search.allow_unknown=true"},
             {"search.allow_unknown does not apply"}, "one\n");
  const std::string prefix = scratch.file("prefix", "żółw deux\n").string();
  CHECK(attn_ok(command + Arguments{"--prefix", prefix}, "one two\n").out.starts_with("żółw deux"));
}
