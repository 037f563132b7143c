// Scratch matrices: taken in order, given back by scopes, never freed. After the first pass of a
// shape nothing is allocated.
#pragma once

#include <vector>

#include "math/buffer.h"

namespace attn {

class Workspace {
 public:
  Workspace() = default;
  Workspace(Workspace&&) noexcept = default;
  Workspace& operator=(Workspace&&) noexcept = default;

  View take(Index rows, Index cols);  // uninitialized
  View zeros(Index rows, Index cols);

  // Everything taken while it lives is given back when it ends.
  class Scope {
   public:
    explicit Scope(Workspace& ws) : ws_(ws), block_(ws.block_), used_(ws.used_) {}
    ~Scope() { ws_.block_ = block_, ws_.used_ = used_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Workspace& ws_;
    std::size_t block_;
    Index used_;
  };
  Scope scope() { return Scope(*this); }

  // Gives everything back; the blocks that growing left behind become one.
  void reset();
  Index capacity() const;  // Reals held

 private:
  std::vector<Buffer> blocks_;
  std::size_t block_ = 0;  // the one in use
  Index used_ = 0;         // of it
};

}  // namespace attn
