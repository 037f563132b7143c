// Packed and rounded copies of weights, valid while a FixedWeights exists (math/gemm/product.h).
#pragma once

#include "math/gemm/packed_gemm.h"

namespace attn {

// A matrix that is stored row by row or column by column.
struct StridedMatrix {
  const float* data;
  Index stride;  // between rows or columns
  bool row_major;
};

// Returns a number that identifies the current period of fixed weights, or 0 if no FixedWeights
// exists.
long weights_generation();

// Returns whether this thread has a TimeLoop.
bool in_time_loop();

// Returns a weight [m × k] packed for packed::multiply, or null if no FixedWeights exists or the
// processor has no packed products. The first call packs the weight; the memory is reused by the
// next FixedWeights. Any number of threads may call this and the next function at the same time.
const packed::Word* packed_weight(packed::DataType type, const StridedMatrix& weight, Index m,
                                  Index k);

// Returns a weight rounded to bfloat16, in the same order, or null if no FixedWeights exists.
// Cached in the same way.
const std::uint16_t* rounded_weight(const float* weight, Index size);

}  // namespace attn
