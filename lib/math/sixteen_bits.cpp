#include "math/sixteen_bits.h"

#include "math/bfloat16.h"
#include "math/buffer.h"

namespace attn {
namespace {

using onednn::As;

// A thread's own, which only grows.
class Rounded {
 public:
  const std::uint16_t* operator()(const float* from, Index stride, Index rows, Index columns) {
    if (numbers_.size() < rows * columns)
      numbers_ = BufferOf<std::uint16_t>(rows * columns, Pages::large);
    to_bfloat16(rows, columns, from, stride, numbers_.data());
    return numbers_.data();
  }

 private:
  BufferOf<std::uint16_t> numbers_;
};

thread_local Rounded left, right;

}  // namespace

void multiply_in_sixteen_bits(const onednn::Shape& s, const std::uint16_t* a, Index lda,
                              const float* b, Index ldb, bool add, float* c, Index ldc) {
  const Index rows = s.b == As::is ? s.k : s.n, columns = s.b == As::is ? s.n : s.k;
  onednn::multiply(s, a, lda, right(b, ldb, rows, columns), rows, add, c, ldc);
}

void multiply_in_sixteen_bits(const onednn::Shape& s, const float* a, Index lda, const float* b,
                              Index ldb, bool add, float* c, Index ldc) {
  const Index rows = s.a == As::is ? s.m : s.k, columns = s.a == As::is ? s.k : s.m;
  multiply_in_sixteen_bits(s, left(a, lda, rows, columns), rows, b, ldb, add, c, ldc);
}

}  // namespace attn
