#include "base/descriptor.h"

#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"

namespace attn {

void system_error(const fs::path& path, const std::string& what, int code) {
  throw Error(path.string() + ": " + what + ": " + std::generic_category().message(code));
}

Descriptor::Descriptor(const fs::path& path, int flags, unsigned mode)
    : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

std::optional<std::size_t> read_some(int fd, char* to, std::size_t size) {
  ssize_t got = -1;
  do got = read(fd, to, size);
  while (got < 0 && errno == EINTR);
  if (got < 0) return std::nullopt;
  return static_cast<std::size_t>(got);
}

void write_all(int fd, std::string_view content, const fs::path& name) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) system_error(name, "cannot write");
    content = {content.begin() + written, content.end()};
  }
}

}  // namespace attn
