// Parameters: a Layout gives names, shapes and places, a Params holds one number for each: weights,
// gradients, Adam's m and v, averages are five Params of one Layout.
//
// A matrix W [out × in] lies row by row, as in the file and as a Python user sees it; seen as one
// of our column-major matrices it is Wᵀ. Products take care of that (math/product.h).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "math/buffer.h"

namespace attn {

// What a parameter is for; an initialization scheme (nn/init.h) gives each its first values. A
// scale is a factor and begins at 1.
enum class Role { embedding, input, recurrent, attention, attention_vector, output, bias, scale };

struct Slot {
  Index offset = -1, rows = 0, cols = 0;
  Slot row_range(Index begin, Index count) const { return {offset + begin * cols, count, cols}; }
  Index size() const { return rows * cols; }
};

struct Entry {
  std::string name;
  std::vector<Index> shape;  // as in the file: {out, in} or {n}
  Slot slot;
  Role role;
  Index blocks;  // gates stacked in the rows, each initialized on its own
};

class Layout {
 public:
  // Bug if the name is taken. Every slot starts on its own cache line.
  Slot add(const std::string& name, std::vector<Index> shape, Role role, Index blocks = 1);
  Index size() const { return size_; }  // Reals in an arena, the gaps included
  Index count() const;                  // parameters
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  Index size_ = 0;
};

// A path in the names: at / "forward" adds parameters called "….forward.w_x".
class Scope {
 public:
  explicit Scope(Layout& layout, std::string path = "")
      : layout_(&layout), path_(std::move(path)) {}
  Scope operator/(const std::string& name) const { return Scope(*layout_, prefix() + name); }
  Scope operator/(Index i) const { return *this / std::to_string(i); }

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

class Params {
 public:
  explicit Params(const Layout& layout);  // zero
  Params(Params&&) noexcept = default;
  Params& operator=(Params&&) noexcept = default;

  // The matrix of a slot, transposed: [in × out]. A vector is one column.
  View transposed(Slot s) {
    return s.cols == 1 ? at(s.offset, s.rows, 1) : at(s.offset, s.cols, s.rows);
  }
  ConstView transposed(Slot s) const {
    return s.cols == 1 ? at(s.offset, s.rows, 1) : at(s.offset, s.cols, s.rows);
  }
  // A vector [n × 1].
  View vector(Slot s) { return at(s.offset, s.size(), 1); }
  ConstView vector(Slot s) const { return at(s.offset, s.size(), 1); }

  Real* data(Slot s) { return buffer_.data() + s.offset; }
  const Real* data(Slot s) const { return buffer_.data() + s.offset; }
  std::span<Real> flat() { return {buffer_.data(), static_cast<std::size_t>(buffer_.size())}; }
  std::span<const Real> flat() const {
    return {buffer_.data(), static_cast<std::size_t>(buffer_.size())};
  }
  void set_zero();

 private:
  View at(Index offset, Index rows, Index cols) {
    return View(buffer_.data() + offset, rows, cols, Eigen::OuterStride<>(rows));
  }
  ConstView at(Index offset, Index rows, Index cols) const {
    return ConstView(buffer_.data() + offset, rows, cols, Eigen::OuterStride<>(rows));
  }
  Buffer buffer_;
};

}  // namespace attn
