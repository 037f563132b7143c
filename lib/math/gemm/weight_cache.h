// Forms of weights, kept while a FixedWeights lives (math/product.h).
#pragma once

#include "math/gemm/packed_gemm.h"

namespace attn {

// A matrix [m × k] as it lies: row by row, or column by column.
struct StridedMatrix {
  const float* data;
  Index stride;
  bool by_rows;
};

// Tells one time of fixed weights from the next; 0: no FixedWeights lives.
long weights_generation();

// Whether a TimeLoop lives in this thread.
bool in_time_loop();

// Its packed form for packed::multiply; null where no FixedWeights lives, and where this processor
// has no packed products. The first call packs, and the memory is kept for the next FixedWeights.
// Threads: any number at once.
const packed::Word* packed_weight(packed::DataType numbers, const StridedMatrix& weight, Index m,
                                  Index k);

// Its numbers in their order, rounded to bfloat16; null where no FixedWeights lives. Kept likewise.
const std::uint16_t* rounded_weight(const float* weight, Index size);

}  // namespace attn
