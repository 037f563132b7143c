#include "program.h"

#include <csignal>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/file.h"

namespace {

constexpr int kUserError = 1;

std::string command_line(const Arguments& arguments) {
  std::string out = "attn";
  for (const auto& argument : arguments) out += " " + argument;
  return out;
}

}  // namespace

Running::Running(const Arguments& arguments, std::string_view input) {
  files_.file("in", input);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  const int create = O_WRONLY | O_CREAT;
  posix_spawn_file_actions_addopen(&files, 0, (files_ / "in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, (files_ / "out").c_str(), create, 0666);
  posix_spawn_file_actions_addopen(&files, 2, (files_ / "err").c_str(), create, 0666);
  std::vector<std::string> words = {ATTN_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const int error = posix_spawn(&pid_, ATTN_PROGRAM, &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  REQUIRE_MESSAGE(error == 0, "cannot start " ATTN_PROGRAM);
}

Running::~Running() {
  if (!ended()) signal(SIGKILL), waitpid(pid_, &status_, 0);
}

void Running::signal(int number) const {
  kill(pid_, number);
}

bool Running::ended() {
  return ended_ = ended_ || waitpid(pid_, &status_, WNOHANG) == pid_;
}

Result Running::wait() {
  if (!ended()) waitpid(pid_, &status_, 0);
  ended_ = true;
  return {WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_),
          attn::read_file(files_ / "out"), attn::read_file(files_ / "err")};
}

Result attn_run(const Arguments& arguments, std::string_view input) {
  return Running(arguments, input).wait();
}

Result attn_ok(const Arguments& arguments, std::string_view input) {
  Result result = attn_run(arguments, input);
  CAPTURE(command_line(arguments));
  REQUIRE_MESSAGE(result.code == 0, result.err);
  return result;
}

void attn_fails(int code, const Arguments& arguments, const std::vector<std::string>& parts,
                std::string_view input) {
  const Result result = attn_run(arguments, input);
  INFO(command_line(arguments), "\n", result.err);
  CHECK(result.code == code);
  if (code == kUserError) CHECK(result.err.find("error: ") != std::string::npos);
  for (const auto& part : parts) {
    CAPTURE(part);
    CHECK(result.err.find(part) != std::string::npos);
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}
