// The program, run as its users run it: arguments and standard input in, both outputs and the exit
// code out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sys/types.h>

#include "support/scratch.h"

struct Result {
  int code = -1;  // 128 + n if signal n ended it, as in a shell
  std::string out, err;
};

using Arguments = std::vector<std::string>;

// A program that runs while the test goes on.
class Running {
 public:
  explicit Running(const Arguments& arguments, std::string_view input = "");
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void signal(int number) const;
  bool ended();   // now
  Result wait();  // for its end

 private:
  Scratch files_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

Result attn_run(const Arguments& arguments, std::string_view input = "");

// Runs it, and has it succeed.
Result attn_ok(const Arguments& arguments, std::string_view input = "");

// Runs it, and has it leave with the code and a message on standard error that has all the parts.
void attn_fails(int code, const Arguments& arguments, const std::vector<std::string>& parts,
                std::string_view input = "");

std::vector<std::string> lines_of(const std::string& text);
