// Exceptions: Error for problems that the user can fix, Bug for defects of the program.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace attn {

// A problem that the user can fix. The message states where it is, what is wrong and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws Error with the message "where: what".
[[noreturn]] inline void fail(const std::string& where, const std::string& what) {
  throw Error(where + ": " + what);
}

// Calls f. Returns the message of the Error that it throws, or "" if it throws none.
std::string error_message(const std::function<void()>& f);

// Does the same for every exception, with "out of memory" for std::bad_alloc.
std::string any_error_message(const std::function<void()>& f);

// A violated invariant of the program.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws Bug with the message "file:line: what".
[[noreturn]] inline void bug(const char* file, int line, const std::string& what) {
  throw Bug(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

}  // namespace attn

// Throws Bug if the condition is false, in all builds. Compared with a matrix product, the check
// costs nothing.
#define ATTN_CHECK(condition)                                                       \
  do {                                                                              \
    if (!(condition)) ::attn::bug(__FILE__, __LINE__, "check failed: " #condition); \
  } while (false)
