// Before anything else of the program runs: has this processor the instructions that it was built
// with? Without them it would end by SIGILL, perhaps before main, where the first table is made.
//
// This file alone is compiled for every x86-64 (CMakeLists.txt). So it may use nothing that other
// files make as well, such as a template of the standard library: the linker would keep one of the
// two.
#include <unistd.h>

#include "exit_code.h"
#include "instructions.h"

#if defined(__x86_64__)

namespace attn {
namespace {

template <unsigned long size>
[[noreturn]] void refuse(const char (&sentence)[size]) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, sentence, size - 1);
  _exit(kProcessor);
}

__attribute__((constructor(101))) void check_processor() {  // 101 comes first
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
  if (kInstructions.avx2 && !avx2)
    refuse(
        "error: this processor has no AVX2 and FMA, which this attn was built with; build it from "
        "its source on this machine\n");
  if (kInstructions.avx512 && !__builtin_cpu_supports("avx512f"))
    refuse(
        "error: this processor has no AVX-512, which this attn was built with; build it from its "
        "source on this machine, or with -DATTN_MARCH=x86-64-v3\n");
}

}  // namespace
}  // namespace attn

#endif
