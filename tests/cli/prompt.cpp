// attn translate on a terminal.
#include <cstdlib>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "toy.h"

namespace {

// What the terminal of so many columns shows of the program, to which the lines are typed, and the
// end of input.
std::string typed(const Arguments& arguments, const std::string& lines, unsigned short columns,
                  const char* no_color = "") {
  winsize size{};
  size.ws_col = columns, size.ws_row = 50;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  REQUIRE(child >= 0);
  if (child == 0) {
    setenv("NO_COLOR", no_color, 1);
    setenv("TERM", "xterm", 1);
    std::vector<char*> words = {const_cast<char*>(ATTN_PROGRAM)};
    for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(ATTN_PROGRAM, words.data());
    _exit(127);
  }
  const std::string text = lines + "\004";
  CHECK(write(terminal, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  std::string shown;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;)
    shown.append(buffer, static_cast<std::size_t>(n));
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  return shown;
}

}  // namespace

TEST_CASE("who types gets a prompt, each line's translation, and what the model looked at") {
  const Arguments arguments = {"translate", "--model", Toy::instance().best()};
  const std::string shown = typed(arguments, "one two\n", 80);
  CAPTURE(shown);
  CHECK(shown.find("Ctrl-D ends") != std::string::npos);
  CHECK(shown.find("> ") != std::string::npos);
  CHECK(shown.find(lines_of(attn_ok(arguments, "one two\n").out)[0]) != std::string::npos);
  CHECK(shown.find("│  two") != std::string::npos);
  CHECK(shown.find("\033[36m") != std::string::npos);
  CHECK(typed(arguments, "one two\n", 80, "1").find("\033[36m") == std::string::npos);
  CHECK(typed(arguments, "one two three four\n", 16).find("│  two") == std::string::npos);
}

TEST_CASE("of several translations all are told before what the best one looked at") {
  const Arguments arguments = {"translate", "--model", Toy::instance().best(), "--set",
                               "search.n_best=3"};
  const std::string shown = typed(arguments, "one two\n", 80);
  CAPTURE(shown);
  std::size_t last = 0;
  for (const auto& line : lines_of(attn_ok(arguments, "one two\n").out)) {
    const std::size_t at = shown.find(line, last);
    REQUIRE(at != std::string::npos);
    last = at;
  }
  CHECK(shown.find("│  two") > last);
  CHECK(shown.find("│  two", last) != std::string::npos);
}

TEST_CASE("the prompt is news: --quiet and --log-level leave it out, --log-json has no words") {
  const Arguments arguments = {"translate", "--model", Toy::instance().best()};
  const std::string said = lines_of(attn_ok(arguments, "one two\n").out)[0];
  for (const Arguments& less :
       {Arguments{"--quiet"}, Arguments{"--log-level", "warning"}, Arguments{"--log-json"}}) {
    const std::string shown = typed(arguments + less, "one two\n", 80);
    CAPTURE(shown);
    CHECK(replaced(shown, "</s> ", "").find("> ") == std::string::npos);
    CHECK(shown.find(said) != std::string::npos);
    CHECK(shown.find("│  two") != std::string::npos);  // on standard output, as the translation
    const std::size_t at = shown.find("Ctrl-D ends");
    CHECK((at != std::string::npos) == (less[0] == "--log-json"));
    if (at == std::string::npos) continue;
    const std::size_t begin = shown.rfind('\n', at) + 1;
    const auto told = attn::Json::parse(shown.substr(begin, shown.find('\n', at) - begin));
    CHECK(told.at("level") == "info");
  }
}
