#include "math/gemm/bf16_gemm.h"

#include "math/buffer.h"
#include "math/gemm/bfloat16.h"
#include "math/gemm/onednn.h"

namespace attn {
namespace {

// Rounds matrices into a buffer that never shrinks.
class RoundingBuffer {
 public:
  const std::uint16_t* round(const float* from, Index stride, Index rows, Index columns) {
    if (numbers_.size() < rows * columns)
      numbers_ = BufferOf<std::uint16_t>(rows * columns, Pages::large);
    to_bfloat16(rows, columns, from, stride, numbers_.data());
    return numbers_.data();
  }

 private:
  BufferOf<std::uint16_t> numbers_;
};

thread_local RoundingBuffer left, right;

}  // namespace

void multiply_bf16(const Shape& s, const std::uint16_t* a, Index lda, const float* b, Index ldb,
                   bool add, float* c, Index ldc) {
  const Index rows = s.b == Transpose::no ? s.k : s.n, columns = s.b == Transpose::no ? s.n : s.k;
  onednn::multiply(s, a, lda, right.round(b, ldb, rows, columns), rows, add, c, ldc);
}

void multiply_bf16(const Shape& s, const float* a, Index lda, const float* b, Index ldb, bool add,
                   float* c, Index ldc) {
  const Index rows = s.a == Transpose::no ? s.m : s.k, columns = s.a == Transpose::no ? s.k : s.m;
  multiply_bf16(s, left.round(a, lda, rows, columns), rows, b, ldb, add, c, ldc);
}

}  // namespace attn
