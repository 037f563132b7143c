// Operations on vectors and matrices other than matrix products.
#pragma once

#include <algorithm>

#include "math/matrix_view.h"

namespace attn {

// Returns column j of m.
inline IndexSpan<Real> column(Out m, Index j) {
  return {m.col(j), m.rows()};
}

// Computes y += x, for vectors of size n.
inline void add(Index n, const Real* __restrict x, Real* __restrict y) {
  for (Index i = 0; i < n; ++i) y[i] += x[i];
}

// Computes y += a x, for vectors of size n.
inline void add_scaled(Index n, Real a, const Real* __restrict x, Real* __restrict y) {
  for (Index i = 0; i < n; ++i) y[i] += a * x[i];
}

// Copies a matrix to one of the same shape.
inline void copy(In x, Out y) {
  for (Index j = 0; j < x.cols(); ++j) std::copy_n(x.col(j), x.rows(), y.col(j));
}

// Computes y += x, for matrices of the same shape.
inline void add(In x, Out y) {
  for (Index j = 0; j < x.cols(); ++j) add(x.rows(), x.col(j), y.col(j));
}

// Returns xᵀ y.
inline Real dot(Index n, const Real* __restrict x, const Real* __restrict y) {
  Real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

// Adds a bias, a vector, to each column of y.
inline void add_bias(const Real* bias, Out y) {
  for (Index j = 0; j < y.cols(); ++j) add(y.rows(), bias, y.col(j));
}

// Adds the gradient of a bias, the sum of the columns of d, to dbias.
inline void add_bias_gradient(In d, Real* dbias) {
  for (Index j = 0; j < d.cols(); ++j) add(d.rows(), d.col(j), dbias);
}

}  // namespace attn
