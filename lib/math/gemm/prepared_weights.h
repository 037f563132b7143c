// Forms of weights that products read: packed for microkernels, rounded to bfloat16, or quantized.
// Each is made on first use and then shared by all threads.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "math/buffer.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/quantized.h"

namespace attn {

// A matrix that is stored row by row or column by column.
struct StridedMatrix {
  const float* data;
  Index stride;  // between rows or columns
  bool row_major;
};

// A quantized weight, packed for packed::multiply_bytes.
struct PackedBytes {
  BufferOf<packed::Word> words;
  std::vector<float> scales;  // of the rows
};

// Memory that is allocated in blocks and released all at once. Small arrays share blocks, so that
// they use large pages.
class WordStorage {
 public:
  // Returns an uninitialized array.
  packed::Word* take(Index size);

 private:
  std::vector<BufferOf<packed::Word>> blocks_, large_;
  Index used_ = 0;  // words in use in the last block
};

// Any number of threads may call the const functions at the same time.
class PreparedWeights {
 public:
  // Must be called after weights have changed: packs and rounds again, in parallel, what was used
  // since the last call, and forgets all other forms. Memory is reused. No other thread may use the
  // object at the same time.
  void renew(Pool& pool);

  // Returns a weight [m × k] packed for packed::multiply, or null if the processor has no packed
  // products of this type.
  const packed::Word* packed(packed::DataType type, const StridedMatrix& weight, Index m,
                             Index k) const;
  // Returns the numbers of a weight rounded to bfloat16, in the same order.
  const std::uint16_t* rounded(const float* weight, Index size) const;
  // Returns a weight [m × k], stored row by row, with rows quantized to 8 bits.
  const QuantizedRows& quantized(const float* weight, Index m, Index k) const;
  // Returns the same packed for packed::multiply_bytes.
  const PackedBytes& packed_bytes(const float* weight, Index m, Index k) const;

 private:
  enum class Format { rows, columns, pairs_of_rows, pairs_of_columns, rounded };
  struct Form {
    packed::Word* words = nullptr;
    Index size = 0;
    std::function<void(packed::Word*)> write;
    long generation = 0;   // in which it was written
    bool is_used = false;  // in this generation
  };
  template <class Value>
  struct Generation {
    Value value;
    long number = 0;  // in which it was made
  };

  // Returns the form that `write` writes.
  template <class Write>
  const packed::Word* form(const float* weight, Format format, Index size, Write write) const;

  long generation_ = 1;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<const float*, Format>, Form> forms_;
  mutable std::map<const float*, Generation<QuantizedRows>> quantized_;
  mutable std::map<const float*, Generation<PackedBytes>> packed_bytes_;
  mutable WordStorage storage_;
  std::vector<Form*> used_;
};

}  // namespace attn
