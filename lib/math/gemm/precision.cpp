#include "math/gemm/precision.h"

#include <type_traits>

#include "math/gemm/onednn.h"
#include "math/types.h"

namespace attn {

bool available(Precision precision) {
  if (precision == Precision::float32) return true;
  if (!std::is_same_v<Real, float>) return false;
  return precision == Precision::int8 ? onednn::kAvailable : onednn::has_bfloat16();
}

}  // namespace attn
