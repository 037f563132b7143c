// Scratch matrices of one thread, allocated like a stack and released by scopes. The memory is
// reused, so nothing is allocated after the first pass of a shape.
#pragma once

#include <vector>

#include "math/buffer.h"
#include "math/matrix_view.h"

namespace attn {

class Workspace {
 public:
  Workspace() = default;
  Workspace(Workspace&&) noexcept = default;
  Workspace& operator=(Workspace&&) noexcept = default;

  // Returns an uninitialized matrix.
  MatrixView take(Index rows, Index cols);
  // Returns a zero matrix.
  MatrixView zeros(Index rows, Index cols);

  // Releases, when it is destroyed, all matrices taken since its construction.
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
  // Returns a scope that begins now.
  Scope scope() { return Scope(*this); }

  // Releases all matrices, and merges blocks if there are several.
  void reset();
  // Returns the total size of the blocks, in numbers.
  Index capacity() const;

 private:
  std::vector<Buffer> blocks_;
  std::size_t block_ = 0;  // index of the current block
  Index used_ = 0;         // numbers of the current block that are in use
};

}  // namespace attn
