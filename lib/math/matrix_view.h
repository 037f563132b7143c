// Views of column-major matrices, or of some of their rows and columns. A view is a pointer and
// three sizes: copying or assigning it makes it refer to the same numbers. Functions that change
// numbers have verbs as names (copy, add; math/ops.h), and map() gives Eigen's arithmetic. Rows and
// columns are not checked.
#pragma once

#include "math/types.h"

namespace attn {

// A view of numbers that are read.
class ConstMatrixView {
 public:
  using Map = Eigen::Map<const Mat, Eigen::Unaligned, Eigen::OuterStride<>>;

  ConstMatrixView() = default;
  // A matrix [rows × cols] whose columns are `stride` numbers apart.
  ConstMatrixView(const Real* data, Index rows, Index cols, Index stride)
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {}
  // A matrix [rows × cols] without gaps.
  ConstMatrixView(const Real* data, Index rows, Index cols)
      : ConstMatrixView(data, rows, cols, rows) {}
  ConstMatrixView(const Mat& m) : ConstMatrixView(m.data(), m.rows(), m.cols()) {}

  const Real* data() const { return data_; }
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index stride() const { return stride_; }
  Index size() const { return rows_ * cols_; }
  const Real& operator()(Index i, Index j) const { return data_[j * stride_ + i]; }
  // Returns the first number of column j.
  const Real* col(Index j) const { return data_ + j * stride_; }

  // Return columns, and rows, [begin, begin + count).
  ConstMatrixView columns(Index begin, Index count) const {
    return {data_ + begin * stride_, rows_, count, stride_};
  }
  ConstMatrixView row_range(Index begin, Index count) const {
    return {data_ + begin, count, cols_, stride_};
  }
  ConstMatrixView bottom_rows(Index count) const { return row_range(rows_ - count, count); }
  // Returns the matrix for arithmetic with Eigen.
  Map map() const { return Map(data_, rows_, cols_, Eigen::OuterStride<>(stride_)); }

 private:
  const Real* data_ = nullptr;
  Index rows_ = 0, cols_ = 0, stride_ = 0;
};

// A view of numbers that are read and written. Like those of a pointer, its functions are const:
// they change the numbers, not the view.
class MatrixView {
 public:
  using Map = Eigen::Map<Mat, Eigen::Unaligned, Eigen::OuterStride<>>;

  MatrixView() = default;
  MatrixView(Real* data, Index rows, Index cols, Index stride)
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {}
  MatrixView(Real* data, Index rows, Index cols) : MatrixView(data, rows, cols, rows) {}
  MatrixView(Mat& m) : MatrixView(m.data(), m.rows(), m.cols()) {}
  operator ConstMatrixView() const { return {data_, rows_, cols_, stride_}; }

  Real* data() const { return data_; }
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index stride() const { return stride_; }
  Index size() const { return rows_ * cols_; }
  Real& operator()(Index i, Index j) const { return data_[j * stride_ + i]; }
  Real* col(Index j) const { return data_ + j * stride_; }

  MatrixView columns(Index begin, Index count) const {
    return {data_ + begin * stride_, rows_, count, stride_};
  }
  MatrixView row_range(Index begin, Index count) const {
    return {data_ + begin, count, cols_, stride_};
  }
  MatrixView bottom_rows(Index count) const { return row_range(rows_ - count, count); }
  Map map() const { return Map(data_, rows_, cols_, Eigen::OuterStride<>(stride_)); }
  void set_zero() const { map().setZero(); }

 private:
  Real* data_ = nullptr;
  Index rows_ = 0, cols_ = 0, stride_ = 0;
};

static_assert(std::is_trivially_copyable_v<MatrixView>);
static_assert(std::is_trivially_copyable_v<ConstMatrixView>);

// Parameters of functions: a matrix that is read, and one that is assigned, or accumulated into if
// its name starts with d.
using In = ConstMatrixView;
using Out = MatrixView;

}  // namespace attn
