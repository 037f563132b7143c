// Ends the program with a message if this processor lacks instructions that it was compiled for.
// Without this check it would end by SIGILL, perhaps even before main, in a static constructor.
//
// This file is compiled for plain x86-64 (see CMakeLists.txt). It must not use inline functions or
// templates that other files use as well, such as those of the standard library: the linker keeps
// only one copy, which may be one that was compiled for newer processors.
#include <unistd.h>

#include "exit_code.h"
#include "instructions.h"

#if defined(__x86_64__)

namespace attn {
namespace {

template <unsigned long size>
[[noreturn]] void refuse(const char (&message)[size]) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message, size - 1);
  _exit(kUnsupportedProcessor);
}

__attribute__((constructor(101))) void check_processor() {  // 101: before all other constructors
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
  if (kInstructions.avx2 && !avx2)
    refuse(
        "error: this program was built for processors with AVX2 and FMA, which this one lacks; "
        "build attn from source on this machine\n");
  if (kInstructions.avx512 && !__builtin_cpu_supports("avx512f"))
    refuse(
        "error: this program was built for processors with AVX-512, which this one lacks; build "
        "attn from source on this machine, or with -DATTN_MARCH=x86-64-v3\n");
}

}  // namespace
}  // namespace attn

#endif
