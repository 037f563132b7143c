// Errors: Error is for the user to fix, Bug is a defect of the program.
#pragma once

#include <stdexcept>
#include <string>

namespace attn {

// The user can act. The message is complete: it says where, what is wrong, and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Error with the message "where: what".
[[noreturn]] inline void fail(const std::string& where, const std::string& what) {
  throw Error(where + ": " + what);
}

// An internal invariant is violated.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void bug(const char* file, int line, const std::string& what) {
  throw Bug(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

}  // namespace attn

// Throws Bug if the condition is false, in every build: next to a matrix product a comparison costs
// nothing.
#define ATTN_CHECK(condition)                                                       \
  do {                                                                              \
    if (!(condition)) ::attn::bug(__FILE__, __LINE__, "check failed: " #condition); \
  } while (false)
