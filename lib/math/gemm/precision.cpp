#include "math/gemm/precision.h"

#include <type_traits>

#include "base/error.h"
#include "math/gemm/onednn.h"
#include "math/types.h"

namespace attn {
namespace {

thread_local Precision current = Precision::float32;

}  // namespace

bool available(Precision precision) {
  if (precision == Precision::float32) return true;
  if (!std::is_same_v<Real, float>) return false;
  return precision == Precision::int8 ? onednn::kAvailable : onednn::has_bfloat16();
}

WithPrecision::WithPrecision(Precision precision) : before_(current) {
  ATTN_CHECK(available(precision));
  current = precision;
}

WithPrecision::~WithPrecision() {
  current = before_;
}

Precision precision() {
  return current;
}

}  // namespace attn
