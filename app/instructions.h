// The instruction sets beyond those of every x86-64 that the compiler was allowed to use.
#pragma once

namespace attn {

struct Instructions {
  bool avx2, avx512;  // AVX2 with FMA
};
extern const Instructions kInstructions;

}  // namespace attn
