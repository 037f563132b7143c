// attn translate of lines with several sentences and of long lines.
#include "base/file.h"
#include "base/json.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

// The toy language with a period after each sentence, whose longest sentence has five words.
class Sentences {
 public:
  static const Sentences& instance() {
    static const Sentences sentences;
    return sentences;
  }

  Arguments translate(const Arguments& more = {}) const {
    return Arguments{"translate", "--model", (folder_ / "run" / "best").string()} + more;
  }

  // Returns the translations of lines, without warnings.
  std::vector<std::string> by_sentences(const std::string& text, const Arguments& more = {}) const {
    const Result result = attn_ok(translate(more), text);
    CHECK(result.err.empty());
    return lines_of(result.out);
  }

  static std::string source(int first, int count) {
    return replaced(toy_source(first, count), "\n", " .\n");
  }

 private:
  Sentences() {
    const std::string source_file = folder_.file("train.en", source(0, kToyTrain)).string();
    const std::string target_file =
        folder_.file("train.fr", replaced(toy_target(0, kToyTrain), "\n", " .\n")).string();
    attn_ok(Toy::instance().train(
        folder_ / "run",
        {"--set", "data.train_source=" + source_file, "--set", "data.train_target=" + target_file,
         "--set", "data.max_length=5", "--set", "data.source_language=en"}));
  }
  Scratch folder_;
};

std::vector<std::string> by_sentences(const std::string& text, const Arguments& more = {}) {
  return Sentences::instance().by_sentences(text, more);
}

// Returns paragraphs of 2 to 8 of the sentences.
std::vector<std::vector<std::string>> paragraphs() {
  const auto sentences = lines_of(Sentences::source(0, kToyTrain));
  std::vector<std::vector<std::string>> out;
  for (std::size_t at = 0, size = 2; at + size <= sentences.size(); at += size, size = 2 + at % 7)
    out.emplace_back(sentences.begin() + std::ptrdiff_t(at),
                     sentences.begin() + std::ptrdiff_t(at + size));
  return out;
}

std::string with_spaces(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// Returns the object that --json-lines gives for a line.
Json answer(const std::string& line, const Arguments& more = {}) {
  const auto lines =
      by_sentences(Json{{"source", line}}.dump() + "\n", Arguments{"--json-lines"} + more);
  return Json::parse(lines.at(0));
}

}  // namespace

TEST_CASE("a paragraph is translated like its sentences, and loses none of them") {
  std::string text;
  std::vector<std::string> expected;
  for (const auto& sentences : paragraphs()) {
    text += with_spaces(sentences) + "\n";
    std::string alone;
    for (const auto& sentence : sentences) alone += sentence + "\n";
    expected.push_back(with_spaces(by_sentences(alone)));
    CHECK(expected.back().find(" . ") != std::string::npos);
  }
  REQUIRE(expected.size() > 30);
  CHECK(by_sentences(text) == expected);
  CHECK(by_sentences(text, {"--threads", "1", "--set", "search.batch_size=3"}) == expected);
  const auto whole = by_sentences(text, {"--set", "search.split=off"});
  CHECK(with_spaces(whole).size() < with_spaces(expected).size() * 8 / 10);  // as it was
}

TEST_CASE("white space around and between sentences does not matter, empty lines stay empty") {
  const auto lines = by_sentences("one two . three .\n\n one two .\t three .  \n \t \n");
  REQUIRE(lines.size() == 4);
  CHECK(lines[2] == lines[0]);
  CHECK(lines[1].empty());
  CHECK(lines[3].empty());
}

TEST_CASE("tokens and links of a paragraph refer to the line") {
  const std::string first = "one two three .", second = "seven eight .";
  const Json whole = answer(first + " " + second), a = answer(first), b = answer(second);
  CHECK(whole.at("log_prob").get<double>() ==
        doctest::Approx(a.at("log_prob").get<double>() + b.at("log_prob").get<double>()));
  std::string text;
  double sum = 0;
  for (const auto& token : whole.at("tokens")) {
    if (token.at("text") != "</s>") text += token.at("text").get<std::string>();
    sum += token.at("log_prob").get<double>();
  }
  CHECK(text == whole.at("translation"));
  CHECK(sum == doctest::Approx(whole.at("log_prob").get<double>()).epsilon(1e-5));
  CHECK(whole.at("tokens").size() == a.at("tokens").size() + b.at("tokens").size() - 1);
  const auto words = static_cast<int>(a.at("tokens").size()) - 1;
  Json expected = a.at("links");
  for (const auto& link : b.at("links"))
    expected.push_back({link[0].get<int>() + 4, link[1].get<int>() + words});
  CHECK(whole.at("links") == expected);
}

TEST_CASE("n-best lists of sentences are joined by rank") {
  const Arguments n_best = {"--set", "search.n_best=3"};
  const Json whole = answer("one two . three .", n_best), a = answer("one two .", n_best),
             b = answer("three .", n_best);
  REQUIRE(whole.at("n_best").size() == 3);
  for (std::size_t rank = 0; rank < 3; ++rank)
    CHECK(whole.at("n_best")[rank].at("translation") ==
          a.at("n_best")[rank].at("translation").get<std::string>() + " " +
              b.at("n_best")[rank].at("translation").get<std::string>());
}

TEST_CASE("samples of sentences depend on the number of the line and of the sentence") {
  const Arguments sampled = {"--set", "search.method=sample", "--set", "search.temperature=5"};
  const auto one = by_sentences("one two three .\n", sampled);
  const auto lines = by_sentences("one two three . one two three .\none two three .\n", sampled);
  CHECK(lines[0].starts_with(one[0]));
  CHECK(lines[0] != one[0] + " " + one[0]);
  CHECK(lines == by_sentences("one two three . one two three .\none two three .\n",
                              sampled + Arguments{"--set", "search.batch_size=1"}));
}

TEST_CASE(
    "attention weights of a paragraph sum to 1 and stay within the sentence or go to the end") {
  const Scratch scratch;
  const std::string file = (scratch / "x.jsonl").string(), page = (scratch / "x.json").string();
  attn_ok(Sentences::instance().translate({"--alignments", file, "--heatmap", page}),
          "one two . three .\n");
  const Json found = Json::parse(read_file(file));
  REQUIRE(found.at("source").size() == 6);  // one two . three . and the end
  const auto& target = found.at("target");
  for (std::size_t j = 0; j < target.size(); ++j) {
    const Json& row = found.at("weights")[j];
    double sum = 0;
    for (const auto& weight : row) sum += weight.get<double>();
    CHECK(sum == doctest::Approx(1).epsilon(1e-3));
  }
  const Json& first = found.at("weights")[0];
  CHECK(first[3].get<double>() + first[4].get<double>() == 0);
  const Json& last = found.at("weights")[target.size() - 2];
  CHECK(last[0].get<double>() + last[1].get<double>() + last[2].get<double>() == 0);
  CHECK(Json::parse(read_file(page)).at("sentences")[0].at("source") == found.at("source"));
}

TEST_CASE("a sentence longer than all training sentences is cut and reported, and loses no word") {
  const std::string sentence = "one two three four five six seven eight nine ten one two .";
  const auto result = attn_ok(Sentences::instance().translate(), "one .\n" + sentence + "\n");
  CHECK(result.err.find("warning: 1 line has a sentence with more than the 5 subwords") !=
        std::string::npos);
  CHECK(result.err.find("longest training sentence") != std::string::npos);
  // Every part has at most 5 words; parts end at spaces.
  const auto parts = by_sentences("one two three four\nfive six seven eight\nnine ten one two .\n");
  CHECK(lines_of(result.out)[1] == with_spaces(parts));
  const auto quiet =
      attn_ok(Sentences::instance().translate({"--set", "search.split=off"}), sentence + "\n");
  CHECK(quiet.err.empty());
}

TEST_CASE("search.split=off translates lines whole, and a request can decide for its line") {
  const std::string line = "one two . three .";
  const auto split = by_sentences(line + "\n"),
             whole = by_sentences(line + "\n", {"--set", "search.split=off"});
  CHECK(split != whole);
  CHECK(answer(line, {"--set", "search.split=off"}).at("translation") == whole[0]);
  const std::string request = Json{{"source", line}, {"split", "off"}}.dump();
  CHECK(Json::parse(by_sentences(request + "\n", {"--json-lines"}).at(0)).at("translation") ==
        whole[0]);
  attn_fails(1, Sentences::instance().translate({"--set", "search.split=yes"}),
             {"search.split", "auto", "off"});
}

TEST_CASE("lines with a prefix are translated whole, the others by sentences") {
  const Scratch scratch;
  const std::string prefix = scratch.file("prefix", "un\n\n").string();
  const std::string line = "one two . three .\n";
  const auto lines = by_sentences(line + line, {"--prefix", prefix});
  CHECK(lines[0] == by_sentences(line, {"--prefix", scratch.file("one", "un\n").string(), "--set",
                                        "search.split=off"})[0]);
  CHECK(lines[1] == by_sentences(line)[0]);
}

TEST_CASE("eval and score take each line as one sentence") {
  const Scratch scratch;
  const std::string line = "one two . three .\n";
  const std::string source = scratch.file("source", line).string();
  const std::string target = scratch.file("target", "un deux . trois .\n").string();
  const std::string output = (scratch / "output").string();
  const std::string model = Sentences::instance().translate()[2];
  attn_ok(
      {"eval", "--model", model, "--source", source, "--reference", target, "--output", output});
  CHECK(lines_of(read_file(output)) == by_sentences(line, {"--set", "search.split=off"}));
}

TEST_CASE("what a model has never seen is reported: longer sentences, and unknown words") {
  const Json card = Json::parse(read_file(fs::path(Toy::instance().best()) / "card.json"));
  CHECK(card.at("training_longest_source") == 4);
  CHECK(attn_ok(translate(), "one two three four\n").err.empty());
  const auto longer = attn_ok(translate(), "one two three four five\n");
  CHECK(longer.err.find("1 line has a sentence with more than the 4 subwords") !=
        std::string::npos);
  const auto unknown = attn_ok(translate(), "one xyz\nabc\nthree\n");
  CHECK(unknown.err.find("warning: 2 lines have words or letters that are not in the vocabulary") !=
        std::string::npos);
}

TEST_CASE("bytes of byte_fallback never put control characters into a translation") {
  const Scratch scratch;
  const std::string run = (scratch / "run").string();
  attn_ok(Toy::instance().train(
      run, {"--set", "data.tokenizer=bpe", "--set", "data.source_vocabulary_size=290", "--set",
            "data.target_vocabulary_size=290", "--set", "data.byte_fallback=true", "--set",
            "data.normalization=nmt_nfkc", "--set", "train.max_updates=2"}));
  const auto result =
      attn_ok({"translate", "--model", run + "/best", "--set", "search.method=sample", "--set",
               "search.temperature=9", "--threads", "1"},
              toy_source(0, 300));
  CHECK(lines_of(result.out).size() == 300);
  int others = 0;
  for (const char c : result.out)
    if (c != '\n') {
      CHECK_FALSE((c >= 0 && c < ' '));
      CHECK(c != 0x7f);
      if (c < 0) ++others;
    }
  CHECK(others > 0);  // bytes were sampled
}
