// Errors: Error is the user's to mend, Bug is ours.
#pragma once

#include <stdexcept>
#include <string>

namespace attn {

// The user can act: the message says where, what, and what to do, and is the whole story.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A promise inside the program was broken.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void bug(const char* file, int line, const std::string& what) {
  throw Bug(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

}  // namespace attn

// In every build: beside a matrix product a comparison is free.
#define ATTN_CHECK(condition)                                                       \
  do {                                                                              \
    if (!(condition)) ::attn::bug(__FILE__, __LINE__, "check failed: " #condition); \
  } while (false)
