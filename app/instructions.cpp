#include "instructions.h"

namespace attn {
namespace {

#if defined(__AVX2__) && defined(__FMA__)
constexpr bool kAvx2 = true;
#else
constexpr bool kAvx2 = false;
#endif

#if defined(__AVX512F__)
constexpr bool kAvx512 = true;
#else
constexpr bool kAvx512 = false;
#endif

}  // namespace

constinit const Instructions kInstructions = {kAvx2, kAvx512};  // read before constructors run

}  // namespace attn
