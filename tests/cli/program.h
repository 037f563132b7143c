// Runs the program with arguments and standard input, and returns both outputs and the exit code.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sys/types.h>

#include "support/scratch.h"

struct Result {
  int code = -1;  // 128 + n if it was ended by signal n, as in a shell
  std::string out, err;
};

using Arguments = std::vector<std::string>;

// A program that runs while the test continues.
class Running {
 public:
  explicit Running(const Arguments& arguments, std::string_view input = "");
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void signal(int number) const;
  bool ended();   // returns whether it has ended
  Result wait();  // waits until it has ended

 private:
  Scratch files_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

Result attn_run(const Arguments& arguments, std::string_view input = "");

// Runs the program and requires that it succeeds.
Result attn_ok(const Arguments& arguments, std::string_view input = "");

// Runs the program and checks the exit code, and that its message contains all of `parts`.
void attn_fails(int code, const Arguments& arguments, const std::vector<std::string>& parts,
                std::string_view input = "");

std::vector<std::string> lines_of(const std::string& text);
