// Parameters. A Layout assigns a name, a shape and a position to each parameter. A Params is a flat
// array (arena) with one number per parameter. Weights, gradients, Adam's m and v, and the moving
// average are Params of the same Layout.
//
// A matrix W [out × in] is stored row by row, as in the model file and in PyTorch. As a
// column-major matrix it is Wᵀ; the products in math/gemm/product.h take this into account.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "math/buffer.h"
#include "math/matrix_view.h"

namespace attn {

// The purpose of a parameter, which determines its initial values (nn/init.h). A scale is a factor
// with the initial value 1.
enum class Role { embedding, input, recurrent, attention, attention_vector, output, bias, scale };

// The position of a parameter in an arena. A vector has one column.
struct Slot {
  Index offset = -1, rows = 0, cols = 0;
  // Returns the slot of rows [begin, begin + count).
  Slot row_range(Index begin, Index count) const { return {offset + begin * cols, count, cols}; }
  Index size() const { return rows * cols; }
};

struct Entry {
  std::string name;
  std::vector<Index> shape;  // as in the model file: {out, in} or {n}
  Slot slot;
  Role role;
  Index blocks;  // number of gates stacked in the rows; each is initialized separately
};

class Layout {
 public:
  // Adds a parameter. Each slot starts on a new cache line. Throws Bug if the name exists.
  Slot add(const std::string& name, std::vector<Index> shape, Role role, Index blocks = 1);
  Index size() const { return size_; }  // numbers in an arena, including gaps
  Index count() const;                  // numbers of all parameters, without gaps
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  Index size_ = 0;
};

// A prefix of parameter names: parameters of scope / "forward" are called "….forward.w_x".
class Scope {
 public:
  explicit Scope(Layout& layout, std::string path = "")
      : layout_(&layout), path_(std::move(path)) {}
  Scope operator/(const std::string& name) const { return Scope(*layout_, prefix() + name); }
  Scope operator/(Index i) const { return *this / std::to_string(i); }

  // Add a parameter of this scope: a matrix [out × in] or a vector.
  Slot matrix(const std::string& name, Index out, Index in, Role role, Index blocks = 1) const {
    return layout_->add(prefix() + name, {out, in}, role, blocks);
  }
  Slot vector(const std::string& name, Index size, Role role = Role::bias) const {
    return layout_->add(prefix() + name, {size}, role);
  }
  const std::string& path() const { return path_; }

 private:
  std::string prefix() const { return path_.empty() ? "" : path_ + "."; }
  Layout* layout_;
  std::string path_;
};

// An arena: one number per parameter of a layout.
class Params {
 public:
  explicit Params(const Layout& layout);  // all zero
  Params(Params&&) noexcept = default;
  Params& operator=(Params&&) noexcept = default;

  // Returns the transpose [in × out] of a matrix, or a vector as a column [n × 1].
  MatrixView transposed(Slot s) {
    return s.cols == 1 ? at(s.offset, s.rows, 1) : at(s.offset, s.cols, s.rows);
  }
  ConstMatrixView transposed(Slot s) const {
    return s.cols == 1 ? at(s.offset, s.rows, 1) : at(s.offset, s.cols, s.rows);
  }
  // Returns all numbers of a slot as a column [n × 1].
  MatrixView vector(Slot s) { return at(s.offset, s.size(), 1); }
  ConstMatrixView vector(Slot s) const { return at(s.offset, s.size(), 1); }

  // Return the first number of a slot, and all numbers of the arena.
  Real* data(Slot s) { return buffer_.data() + s.offset; }
  const Real* data(Slot s) const { return buffer_.data() + s.offset; }
  std::span<Real> flat() { return IndexSpan(buffer_.data(), buffer_.size()); }
  std::span<const Real> flat() const { return IndexSpan(buffer_.data(), buffer_.size()); }
  // Sets all numbers to 0.
  void set_zero();

 private:
  MatrixView at(Index offset, Index rows, Index cols) {
    return MatrixView(buffer_.data() + offset, rows, cols, rows);
  }
  ConstMatrixView at(Index offset, Index rows, Index cols) const {
    return ConstMatrixView(buffer_.data() + offset, rows, cols, rows);
  }
  Buffer buffer_;
};

}  // namespace attn
