// Packed weights, kept while a FixedWeights lives (math/product.h).
#pragma once

#include "math/types.h"

namespace attn {

// A matrix [m × k] as it lies: row by row, or column by column.
struct Laid {
  const float* data;
  Index stride;
  bool by_rows;
};

// Tells one time of fixed weights from the next; 0: no FixedWeights lives.
long fixed_weights_era();

// Whether a TimeLoop lives in this thread.
bool in_time_loop();

// Its packed form for packed::multiply; null where no FixedWeights lives, and where packed products
// are not the faster ones. The first call packs, and the memory is kept for the next FixedWeights.
// Threads: any number at once.
const float* packed_weight(const Laid& weight, Index m, Index k);

}  // namespace attn
