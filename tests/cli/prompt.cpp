// The prompt of attn translate on a terminal.
#include <cstdlib>

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "toy.h"

namespace {

// Runs the program on a terminal with `columns` columns, types the lines and the end of input, and
// returns what the terminal shows.
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

TEST_CASE("on a terminal, translate shows a prompt, each translation and its attention weights") {
  const Arguments arguments = {"translate", "--model", Toy::instance().best()};
  const std::string shown = typed(arguments, "one two\n", 80);
  CAPTURE(shown);
  CHECK(shown.find("Ctrl-D quits") != std::string::npos);
  CHECK(shown.find("> ") != std::string::npos);
  CHECK(shown.find(lines_of(attn_ok(arguments, "one two\n").out)[0]) != std::string::npos);
  CHECK(shown.find("│  two") != std::string::npos);
  CHECK(shown.find("\033[36m") != std::string::npos);
  CHECK(typed(arguments, "one two\n", 80, "1").find("\033[36m") == std::string::npos);
  CHECK(typed(arguments, "one two three four\n", 16).find("│  two") == std::string::npos);
}

TEST_CASE(
    "on a terminal, translate prints all n-best translations before the attention weights of the "
    "best") {
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

TEST_CASE("--quiet, --log-level and --log-json hide the prompt, but not the translations") {
  const Arguments arguments = {"translate", "--model", Toy::instance().best()};
  const std::string translation = lines_of(attn_ok(arguments, "one two\n").out)[0];
  for (const Arguments& less :
       {Arguments{"--quiet"}, Arguments{"--log-level", "warning"}, Arguments{"--log-json"}}) {
    const std::string shown = typed(arguments + less, "one two\n", 80);
    CAPTURE(shown);
    CHECK(replaced(shown, "</s> ", "").find("> ") == std::string::npos);
    CHECK(shown.find(translation) != std::string::npos);
    CHECK(shown.find("│  two") != std::string::npos);  // on standard output, like the translation
    const std::size_t at = shown.find("Ctrl-D quits");
    CHECK((at != std::string::npos) == (less[0] == "--log-json"));
    if (at == std::string::npos) continue;
    const std::size_t begin = shown.rfind('\n', at) + 1;
    const auto message = attn::Json::parse(shown.substr(begin, shown.find('\n', at) - begin));
    CHECK(message.at("level") == "info");
  }
}

TEST_CASE("the prompt survives bytes that are not text, and empty lines") {
  const Arguments arguments = {"translate", "--model", Toy::instance().best()};
  const std::string shown = typed(arguments, "caf\xe9\n\none two\n", 80);
  CAPTURE(shown);
  CHECK(shown.find("standard input:1: not valid UTF-8 at byte 4") != std::string::npos);
  CHECK(shown.find(lines_of(attn_ok(arguments, "one two\n").out)[0]) != std::string::npos);
}
