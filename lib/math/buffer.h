// Arrays aligned to 64 bytes: vector loads never cross a cache line, and results do not depend on
// the addresses that malloc returns.
#pragma once

#include <cstddef>
#include <memory>

#include "math/types.h"

namespace attn {

constexpr std::size_t kAlignment = 64;
constexpr Index kRealsPerLine = static_cast<Index>(kAlignment / sizeof(Real));

// Returns n rounded up to whole cache lines of Reals.
constexpr Index whole_lines(Index n) {
  return (n + kRealsPerLine - 1) / kRealsPerLine * kRealsPerLine;
}

// Page size of a block. Large pages cause fewer page faults when a block is first used. Use small
// ones for blocks that are rarely used completely. A system without large pages uses small ones.
enum class Pages { small, large };

// Allocates uninitialized memory that starts on a cache line.
void* allocate_lines(std::size_t bytes, Pages pages);
// Releases a block of allocate_lines.
void release_lines(void* block);

// An array of uninitialized numbers.
template <class Number>
class BufferOf {
 public:
  BufferOf() = default;
  explicit BufferOf(Index size, Pages pages = Pages::small)
      : size_(size),
        data_(static_cast<Number*>(
            allocate_lines(static_cast<std::size_t>(size) * sizeof(Number), pages))) {}

  Number* data() const { return data_.get(); }
  Index size() const { return size_; }

 private:
  struct Free {
    void operator()(Number* p) const { release_lines(p); }
  };
  Index size_ = 0;
  std::unique_ptr<Number, Free> data_;
};

using Buffer = BufferOf<Real>;

}  // namespace attn
