// Numbers on 64 bytes, so that vector loads never straddle a cache line and results never depend on
// where malloc put an array.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "math/types.h"

namespace attn {

constexpr std::size_t kAlignment = 64;
constexpr Index kRealsPerLine = static_cast<Index>(kAlignment / sizeof(Real));

// n rounded up to whole cache lines of Reals.
constexpr Index whole_lines(Index n) {
  return (n + kRealsPerLine - 1) / kRealsPerLine * kRealsPerLine;
}

class Buffer {  // uninitialised
 public:
  Buffer() = default;
  explicit Buffer(Index size)
      : size_(size),
        data_(static_cast<Real*>(
            ::operator new(static_cast<std::size_t>(whole_lines(size)) * sizeof(Real),
                           std::align_val_t(kAlignment)))) {}

  Real* data() const { return data_.get(); }
  Index size() const { return size_; }

 private:
  struct Free {
    void operator()(Real* p) const { ::operator delete(p, std::align_val_t(kAlignment)); }
  };
  Index size_ = 0;
  std::unique_ptr<Real, Free> data_;
};

}  // namespace attn
