// Products of two small blocks of activations: of the words of a source and of queries. Those that
// save less time than a library call takes are loops, as are all products with one query.
#pragma once

#include "math/gemm/product.h"
#include "math/ops.h"

namespace attn {

// Returns whether the product of a block [rows × words] and one with `queries` columns is large
// enough for a library call.
inline bool is_matrix_product(In words, Index queries) {
  return queries > 1 && words.size() * queries >= 8192;
}

// Computes c = aᵀ b, where the columns of a are words and those of b are queries.
inline void dot_products(In a, In b, Out c) {
  if (is_matrix_product(a, b.cols())) return product_tn(a, b, c);
  for (Index q = 0; q < b.cols(); ++q)
    for (Index j = 0; j < a.cols(); ++j) c(j, q) = dot(a.rows(), a.col(j), b.col(q));
}

// Computes dc += a b: adds sums of the words a, weighted by b [words × queries].
inline void add_weighted_sums(In a, In b, Out dc) {
  if (is_matrix_product(a, b.cols())) return add_product_nn(a, b, dc);
  for (Index q = 0; q < b.cols(); ++q)
    for (Index j = 0; j < a.cols(); ++j)
      if (b(j, q) != 0) add_scaled(a.rows(), b(j, q), a.col(j), dc.col(q));
}

// Computes dc += a bᵀ: adds sums of the queries a, weighted by b [words × queries].
inline void add_query_sums(In a, In b, Out dc) {
  if (is_matrix_product(dc, a.cols())) return add_product_nt(a, b, dc);
  for (Index q = 0; q < a.cols(); ++q)
    for (Index j = 0; j < dc.cols(); ++j) add_scaled(a.rows(), b(j, q), a.col(q), dc.col(j));
}

}  // namespace attn
