#include "base/system_info.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace attn {
namespace {

// Returns the text after the colon in the first line of `file` that starts with `key`, or "".
std::string value_of(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key))
      return line.substr(std::min(line.find_first_not_of(" \t", line.find(':') + 1), line.size()));
  return "";
}

}  // namespace

std::string processor_name() {
  const std::string name = value_of("/proc/cpuinfo", "model name");
  return name.empty() ? "unknown" : name;
}

double peak_memory_mib() {
  return std::strtod(value_of("/proc/self/status", "VmHWM:").c_str(), nullptr) / 1024;  // "… kB"
}

void release_free_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  malloc_trim(0);
#endif
}

}  // namespace attn
