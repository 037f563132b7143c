// File descriptors and system calls, for the files of lib/base that read and write files.
#pragma once

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

namespace attn {

// Number of bytes that are read at once.
inline constexpr std::size_t kReadSize = std::size_t{1} << 16;

// Throws Error with the path, the text `what` and the system's reason.
[[noreturn]] void system_error(const fs::path& path, const std::string& what, int code = errno);

// Owns a file descriptor. If opening failed, it is negative, and errno has the reason.
class Descriptor {
 public:
  // Opens a file. A new one gets the permissions `mode`, without those of the umask.
  Descriptor(const fs::path& path, int flags, unsigned mode = 0666);
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const { return fd_; }

 private:
  int fd_;
};

// Calls read(2), again if a signal interrupts it. Returns the number of bytes read, which is 0 at
// the end of the file, or nullopt if it fails; then errno has the reason.
std::optional<std::size_t> read_some(int fd, char* to, std::size_t size);

// Writes all bytes. Throws Error, in which `name` is the name of the file.
void write_all(int fd, std::string_view content, const fs::path& name);

}  // namespace attn
