// The instruction sets beyond plain x86-64 that the program was compiled for.
#pragma once

namespace attn {

struct Instructions {
  bool avx2;  // with FMA
  bool avx512;
};
extern const Instructions kInstructions;

}  // namespace attn
