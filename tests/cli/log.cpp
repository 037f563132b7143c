// Messages on standard error: as text and JSON, by level, and on terminals.
#include <cstdlib>
#include <map>
#include <regex>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "toy.h"

using attn::Json;

namespace {

std::vector<Json> log_of(const Result& result) {
  std::vector<Json> out;
  for (const auto& line : lines_of(result.err)) out.push_back(Json::parse(line));
  return out;
}

void check_line(const Json& line) {
  CAPTURE(line.dump());
  REQUIRE(line.size() == 3);
  CHECK(std::regex_match(line["time"].get<std::string>(),
                         std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  CHECK_FALSE(line["message"].get<std::string>().empty());
}

Arguments short_run(const fs::path& run) {
  return Toy::instance().train(run, {"--set", "train.max_updates=20", "--set", "train.threads=3"});
}

using Environment = std::map<std::string, std::string>;

// Runs the program on a terminal and returns both of its outputs.
std::string on_terminal(const Arguments& arguments, const Environment& environment) {
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(pid >= 0);
  if (pid == 0) {
    for (const char* name : {"NO_COLOR", "COLORTERM", "TERM"}) unsetenv(name);
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<std::string> words = {ATTN_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(ATTN_PROGRAM, argv.data());
    _exit(127);
  }
  std::string out;
  char buffer[4096];
  // read returns an error when the program has exited.
  for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<std::size_t>(n));
  close(terminal);
  waitpid(pid, nullptr, 0);
  return out;
}

bool has_escape(const std::string& text) {
  return text.find('\033') != std::string::npos;
}

}  // namespace

TEST_CASE("with --log-json, each message is a JSON line") {
  const Scratch scratch;
  for (const bool first : {true, false}) {
    const Arguments run = short_run(scratch / (first ? "a" : "b")), json = {"--log-json"};
    const auto result = attn_ok(first ? json + run : run + json);
    const auto lines = log_of(result);
    std::map<std::string, int> levels;
    std::string all;
    for (const Json& line : lines) {
      check_line(line);
      ++levels[line["level"].get<std::string>()];
      all += line["message"].get<std::string>() + "\n";
    }
    CHECK(levels["warning"] == 1);  // more threads than shards
    CHECK(levels["info"] == static_cast<int>(lines.size()) - 1);
    for (const char* part : {"200 training pairs", "update 20", "BLEU", "last model"})
      CHECK_MESSAGE(all.find(part) != std::string::npos, part);
  }
}

TEST_CASE("with --log-json, errors and wrong usage are JSON lines, too") {
  for (const Arguments& wrong :
       {Arguments{"check", "--config", "nowhere\xff.json", "--log-json"},
        Arguments{"check", "--log-json", "--nonsense"}, Arguments{"--log-json", "train"}}) {
    const Result result = attn_run(wrong);
    CHECK(result.code != 0);
    const auto lines = log_of(result);
    REQUIRE(lines.size() == 1);
    check_line(lines[0]);
    CHECK(lines[0]["level"] == "error");
  }
}

TEST_CASE("--quiet keeps results, errors and the log of the run") {
  const Scratch scratch;
  const auto trained = attn_ok(short_run(scratch / "run") + Arguments{"--quiet"});
  CHECK(trained.err.empty());
  CHECK(trained.out.empty());
  CHECK(attn::read_file(scratch / "run/train.log").find("update 20") != std::string::npos);
  const auto page = scratch / "page.html";
  const Arguments eval = {"eval", "--model", Toy::instance().best(), "--heatmap", page.string()};
  CHECK(attn_ok(eval).err == "wrote " + page.string() + "\n");
  const auto quiet = attn_ok(Arguments{"--quiet"} + eval);
  CHECK(quiet.err.empty());
  CHECK(quiet.out.find("BLEU") != std::string::npos);
  attn_fails(1, {"check", "--config", "nowhere.json", "--quiet"}, {"error: nowhere.json"});
}

TEST_CASE("--log-level sets the minimum severity of messages") {
  const Scratch scratch;
  const auto err = [&](const char* level) {
    return attn_ok(short_run(scratch / level) + Arguments{"--log-level", level}).err;
  };
  const std::string warning = err("warning"), debug = err("debug");
  CHECK(lines_of(warning).size() == 1);
  CHECK(warning.find("3 threads, but train.shards is 2") != std::string::npos);
  CHECK(debug.find("debug: attn ") != std::string::npos);
  CHECK(debug.find("update 20") != std::string::npos);
  const Result off = attn_run({"check", "--config", "nowhere.json", "--log-level", "off"});
  CHECK(off.code == 1);
  CHECK(off.err.empty());
  attn_fails(2, {"check", "--log-level", "loud"}, {"--log-level", "loud", "warning"});
  attn_fails(2, {"check", "--log-level", "off", "--quiet"}, {});
}

TEST_CASE("colors appear only on terminals, and not with NO_COLOR or TERM=dumb") {
  const Arguments wrong = {"check", "--config", "nowhere.json"};
  CHECK_FALSE(has_escape(attn_run(wrong).err));
  const std::string xterm = "xterm-256color";
  CHECK(on_terminal(wrong, {{"TERM", xterm}}).find("\033[31m\033[1merror:\033[m nowhere.json") !=
        std::string::npos);
  CHECK(has_escape(on_terminal(wrong, {{"TERM", xterm}, {"NO_COLOR", ""}})));
  CHECK_FALSE(has_escape(on_terminal(wrong, {{"TERM", xterm}, {"NO_COLOR", "1"}})));
  CHECK_FALSE(has_escape(on_terminal(wrong, {{"TERM", "dumb"}, {"COLORTERM", "truecolor"}})));
  CHECK_FALSE(has_escape(on_terminal(wrong, {})));
}

TEST_CASE("progress lines appear only on terminals, and not if messages are reduced or JSON") {
  const Arguments eval = {"eval", "--model", Toy::instance().best()};
  const auto live = [&](const Arguments& more, const char* terminal) {
    return on_terminal(eval + more, {{"TERM", terminal}}).find("translated 12 of 12") !=
           std::string::npos;
  };
  CHECK(live({}, "xterm"));
  CHECK_FALSE(live({}, "dumb"));
  CHECK_FALSE(live({"--quiet"}, "xterm"));
  CHECK_FALSE(live({"--log-json"}, "xterm"));
  CHECK_FALSE(live({"--log-level", "warning"}, "xterm"));
}
