// attn translate as a stream: conversations through pipes, and output that is continued.
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "toy.h"

using attn::Json;
using attn::read_file;

namespace {

// A program whose input and output are pipes.
class Conversation {
 public:
  explicit Conversation(const Arguments& arguments) {
    int in[2], out[2];
    REQUIRE(pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(pipe2(out, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], 0);
    posix_spawn_file_actions_adddup2(&files, out[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, (scratch_ / "err").c_str(), O_WRONLY | O_CREAT,
                                     0666);
    std::vector<std::string> words = {ATTN_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    REQUIRE(posix_spawn(&pid_, ATTN_PROGRAM, &files, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    close(in[0]), close(out[1]);
    to_ = in[1], from_ = fdopen(out[0], "r");
  }
  ~Conversation() {
    if (to_ >= 0) end();
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void say(const std::string& text) const {
    REQUIRE(write(to_, text.data(), text.size()) == std::ssize(text));
  }
  // Waits for the next line of the answer.
  std::string hear() const {
    std::string line;
    for (int c = fgetc(from_); c != EOF && c != '\n'; c = fgetc(from_))
      line += static_cast<char>(c);
    return line;
  }
  // Closes the input and returns the exit code.
  int end() {
    int status = 0;
    close(to_), to_ = -1;
    waitpid(pid_, &status, 0);
    fclose(from_);
    return WEXITSTATUS(status);
  }

 private:
  Scratch scratch_;
  pid_t pid_ = -1;
  int to_ = -1;
  FILE* from_ = nullptr;
};

// A file that a command has written, and the arguments that name it.
struct Output {
  std::string option, name;
};

void check_continues(const Arguments& arguments, const std::string& input,
                     const std::vector<Output>& outputs) {
  const Scratch scratch;
  Arguments all = translate(arguments) + Arguments{"--input", input};
  for (const Output& output : outputs)
    all = all + Arguments{output.option, (scratch / output.name).string()};
  attn_ok(all);
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    for (const Output& output : outputs) {
      const std::string whole = read_file(scratch / output.name);
      scratch.file(output.name + ".whole", whole);
      fs::remove(scratch / output.name);
      scratch.file(output.name + ".partial", whole.substr(0, random() % whole.size()));
    }
    attn_ok(all + Arguments{"--continue"});
    for (const Output& output : outputs) {
      CHECK(read_file(scratch / output.name) == read_file(scratch / (output.name + ".whole")));
      CHECK_FALSE(fs::exists(scratch / (output.name + ".partial")));
    }
  }
}

}  // namespace

TEST_CASE("translate answers each line before the next one is sent") {
  const std::string text = toy_source(0, 50);
  const auto sources = lines_of(text), expected = lines_of(attn_ok(translate(), text).out);
  Conversation plain(translate()), json(translate({"--json-lines"}));
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::size_t k = i % sources.size();
    plain.say(sources[k] + "\n");
    REQUIRE(plain.hear() == expected[k]);
    json.say(R"({"source": ")" + sources[k] + R"(", "id": )" + std::to_string(i) + "}\n");
    const Json answer = Json::parse(json.hear());
    REQUIRE(answer.at("id") == i);
    REQUIRE(answer.at("translation") == expected[k]);
  }
  plain.say("no \xff text\n");
  CHECK(plain.hear() == "");
  json.say("{\n");
  CHECK(Json::parse(json.hear()).at("line") == 1000);
  plain.say(sources[3] + "\n");
  CHECK(plain.hear() == expected[3]);
  CHECK(plain.end() == 1);
  CHECK(json.end() == 1);
}

TEST_CASE("translate answers lines that arrive together in their order") {
  const std::string text = toy_source(0, 30);
  const auto expected = lines_of(attn_ok(translate(), text).out);
  Conversation pipe(translate());
  pipe.say(text);
  for (const auto& line : expected) CHECK(pipe.hear() == line);
  CHECK(pipe.end() == 0);
}

TEST_CASE("translate --continue completes output that was cut anywhere") {
  const Scratch scratch;
  const std::string input = scratch.file("in", toy_source(0, 200)).string();
  check_continues({}, input, {{"--output", "plain"}, {"--alignments", "links"}});
  check_continues({"--set", "search.n_best=3"}, input,
                  {{"--output", "lists"}, {"--alignments", "links.jsonl"}});
  std::string requests;
  for (const auto& line : lines_of(toy_source(0, 200)))
    requests += R"({"source": ")" + line + "\"}\n";
  check_continues({"--json-lines"}, scratch.file("requests", requests).string(),
                  {{"--output", "answers"}, {"--alignments", "links.jsonl"}});
}

TEST_CASE("translate --continue after kill -9 gives the bytes of an uninterrupted run") {
  const Scratch scratch;
  const std::string input = scratch.file("in", toy_source(0, 50'000)).string();
  const Arguments greedy = translate({"--input", input, "--set", "search.beam_size=1"});
  const std::string whole = (scratch / "whole").string(), links = whole + ".links";
  const auto begin = std::chrono::steady_clock::now();
  attn_ok(greedy + Arguments{"--output", whole, "--alignments", links});
  const auto duration = std::chrono::steady_clock::now() - begin;
  int within = 0;  // rounds that leave some of the lines
  for (int round = 0; round < 20; ++round) {
    const std::string output = (scratch / ("out-" + std::to_string(round))).string();
    const Arguments all = greedy + Arguments{"--output", output, "--alignments", output + ".links"};
    {
      const Running running(all);
      std::this_thread::sleep_for(round * duration / 20);
      running.signal(SIGKILL);
    }
    if (fs::exists(output + ".partial") && fs::file_size(output + ".partial") > 0) ++within;
    attn_ok(all + Arguments{"--continue"});
    CHECK(read_file(output) == read_file(whole));
    CHECK(read_file(output + ".links") == read_file(links));
  }
  CHECK(within > 0);
}

TEST_CASE("translate keeps a partial file, and writes where it is allowed to") {
  const Scratch scratch;
  const std::string output = scratch.file("out", "old\n").string(), text = "one two\n";
  scratch.file("out.partial", "trois\n");
  attn_fails(1, translate({"--output", output}),
             {output + ".partial: an interrupted command has left this file", "--continue"}, text);
  CHECK(read_file(output) == "old\n");
  CHECK(read_file(output + ".partial") == "trois\n");
  fs::remove(output + ".partial");
  chmod(output.c_str(), 0600);
  fs::create_symlink("out", scratch / "link");
  attn_ok(translate({"--output", (scratch / "link").string()}), text);
  CHECK(read_file(output) != "old\n");
  CHECK(fs::is_symlink(scratch / "link"));
  CHECK(fs::status(output).permissions() == fs::perms(0600));
  CHECK_FALSE(fs::exists(output + ".partial"));
  attn_ok(translate({"--output", "/dev/null"}), text);
  attn_fails(1, translate({"--output", "/dev/full"}), {"/dev/full: cannot write"}, text);
  attn_fails(1, translate({"--output", scratch.path().string()}), {"cannot write"}, text);
  attn_fails(2, translate({"--continue"}), {"--continue needs --output FILE"}, text);
  attn_fails(2, translate({"--continue", "--output", output, "--heatmap", output + ".html"}),
             {"leave out --heatmap"}, text);
  scratch.file("n.partial", "eins\n");
  attn_fails(
      1,
      translate({"--continue", "--output", (scratch / "n").string(), "--set", "search.n_best=2"}),
      {"n.partial: cannot be continued"}, text);
}

TEST_CASE("--part divides the lines of translate, score and align among several processes") {
  constexpr int kLines = 20'000, kBlock = 8192;
  const Scratch scratch;
  const std::string source = scratch.file("in", toy_source(0, kLines)).string();
  const std::string target = scratch.file("out", toy_target(0, kLines)).string();
  const Arguments texts = {"--source", source, "--target", target};
  const std::vector<Arguments> commands = {
      translate({"--input", source, "--set", "search.beam_size=1"}),
      Arguments{"score", "--model", Toy::instance().best()} + texts,
      Arguments{"align", "--model", Toy::instance().best()} + texts};
  for (const Arguments& command : commands) {
    const auto whole = lines_of(attn_ok(command).out);
    REQUIRE(whole.size() == kLines);
    std::vector<std::string> joined(whole.size());
    for (int part = 0; part < 2; ++part) {
      const auto own =
          lines_of(attn_ok(command + Arguments{"--part", std::to_string(part + 1) + "/2"}).out);
      for (std::size_t i = 0; i < own.size(); ++i)
        joined.at((i / kBlock * 2 + std::size_t(part)) * kBlock + i % kBlock) = own[i];
    }
    CHECK(joined == whole);
  }
  const std::string scores = (scratch / "scores.jsonl").string();
  attn_ok(commands[1] + Arguments{"--part", "2/2", "--output", scores});
  CHECK(Json::parse(lines_of(read_file(scores))[0]).at("line") == kBlock);
  for (const char* wrong : {"0/2", "3/2", "1", "1/0", "-1/2", "1/2/3"})
    attn_fails(2, translate({"--part", wrong}), {"--part", "I/N"});
  attn_fails(2, translate({"--part", "1/2", "--continue", "--output", "x"}),
             {"--part does not go with"});
}

TEST_CASE("translate --continue remembers the lines that could not be translated") {
  const Scratch scratch;
  const std::string more = toy_source(0, 9000);
  const std::string text = scratch.file("text", "\xff\n" + more).string();
  std::string requests = "{\n";
  for (const std::string& line : lines_of(more)) requests += R"({"text": ")" + line + "\"}\n";
  const std::string json = scratch.file("json", requests).string();
  for (const Arguments& command : {translate({"--input", text, "--set", "search.beam_size=1"}),
                                   translate({"--input", json, "--json-lines"})}) {
    const std::string output = (scratch / "out").string();
    const Arguments all = command + Arguments{"--output", output};
    CHECK(attn_run(all).code == 1);
    const std::string whole = read_file(output);
    fs::rename(output, output + ".partial");
    CHECK(attn_run(all + Arguments{"--continue"}).code == 1);
    CHECK(read_file(output) == whole);
    fs::remove(output);
  }
}

TEST_CASE("a line that is not text hurts no other line, in files and prefixes, too") {
  const Scratch scratch;
  const std::string input = scratch.file("in", "one two\n\xff\nthree\n").string();
  const std::string prefixes = scratch.file("prefixes", "\xff\n\n\n").string();
  const auto good = lines_of(attn_ok(translate(), "one two\nthree\n").out);
  const auto result = attn_run(translate({"--input", input}));
  CHECK(result.code == 1);
  CHECK(lines_of(result.out) == std::vector<std::string>{good[0], "", good[1]});
  CHECK(result.err.find("in:2: ") != std::string::npos);
  const auto prefixed = attn_run(translate({"--prefix", prefixes}), "one two\none two\nthree\n");
  CHECK(prefixed.code == 1);
  CHECK(lines_of(prefixed.out) == std::vector<std::string>{"", good[0], good[1]});
}

TEST_CASE("no command overwrites its model, and no output another one") {
  const Scratch scratch;
  const std::string model = (scratch / "m.attn").string(), text = "one two\n";
  attn_ok({"pack", Toy::instance().best(), "--output", model});
  const std::string bytes = read_file(model);
  const std::string source = scratch.file("s", text).string(),
                    target = scratch.file("t", "un\n").string();
  for (const Arguments& command : {Arguments{"translate", "--model", model, "--output", model},
                                   Arguments{"translate", "--model", model, "--alignments", model},
                                   Arguments{"score", "--model", model, "--source", source,
                                             "--target", target, "--output", model},
                                   Arguments{"align", "--model", model, "--source", source,
                                             "--target", target, "--output", model},
                                   Arguments{"pack", model, "--output", model}})
    attn_fails(1, command, {"would overwrite"}, text);
  CHECK(read_file(model) == bytes);
  const std::string inside = Toy::instance().best() + "/model.safetensors";
  attn_fails(1, translate({"--output", inside}), {"would overwrite a file of the model"}, text);
  attn_fails(1, {"pack", Toy::instance().path("run"), "--output", inside}, {"would overwrite"});
  const std::string kept = scratch.file("kept.partial", text).string();
  attn_fails(1, translate({"--input", kept, "--output", (scratch / "kept").string(), "--continue"}),
             {"would overwrite --input"});
  attn_fails(1,
             translate({"--output", (scratch / "x").string(), "--alignments",
                        (scratch / "x.partial").string()}),
             {"would overwrite"}, text);
  CHECK(read_file(kept) == text);
  scratch.file("y.partial", "un\ndeux\n");
  attn_fails(1, translate({"--input", source, "--output", (scratch / "y").string(), "--continue"}),
             {"y.partial: has the output of 2 lines, but", "has only 1"});
}
