// Numbers on 64 bytes, so that vector loads never straddle a cache line and results never depend on
// where malloc put an array.
#pragma once

#include <cstddef>
#include <memory>

#include "math/types.h"

namespace attn {

constexpr std::size_t kAlignment = 64;
constexpr Index kRealsPerLine = static_cast<Index>(kAlignment / sizeof(Real));

// n rounded up to whole cache lines of Reals.
constexpr Index whole_lines(Index n) {
  return (n + kRealsPerLine - 1) / kRealsPerLine * kRealsPerLine;
}

// Large pages, where the system has them, mean fewer faults when a block is first touched. A block
// that is never used to its end is better off with small ones.
enum class Pages { small, large };

// Uninitialized memory on a cache line.
void* allocate_lines(std::size_t bytes, Pages pages);
void release_lines(void* block);

template <class Number>
class BufferOf {  // uninitialized
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
