// The main function of every test program.
//
// A test case that not every machine can run belongs to a test suite that is named after what it
// needs, such as
//
//   TEST_CASE("zsh loads its completion script" * doctest::test_suite("needs zsh")) { … }
//
// Suites that this machine cannot run are excluded. If --test-suite=NAME selects such a suite, the
// program exits with code 77, and ctest reports the suite as skipped (see CMakeLists.txt).
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdio>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

#include "math/gemm/microkernels.h"
#include "math/gemm/packed_gemm.h"
#include "math/gemm/precision.h"

namespace {

constexpr int kSkipped = 77;

bool has_program(const std::string& name) {
  return std::system(("command -v " + name + " > /dev/null").c_str()) == 0;
}

bool has_microkernels([[maybe_unused]] bool on_this_processor) {
#if defined(ATTN_MICROKERNELS)
  return on_this_processor;
#else
  return false;
#endif
}

struct Requirement {
  const char* suite;
  bool (*is_met)();
};

const Requirement kRequirements[] = {
    {"needs AVX2", [] { return has_microkernels(attn::packed::avx2_microkernels()); }},
    {"needs AVX-512", [] { return has_microkernels(attn::packed::avx512_microkernels()); }},
    {"needs AVX-512 BF16",
     [] { return has_microkernels(attn::packed::avx512_bf16_microkernels()); }},
    {"needs AMX", [] { return attn::packed::has_tiles(attn::packed::DataType::bfloat16); }},
    {"needs bfloat16", [] { return attn::available(attn::Precision::bfloat16); }},
    {"needs int8", [] { return attn::available(attn::Precision::int8); }},
    {"needs groff", [] { return has_program("groff"); }},
    {"needs zsh", [] { return has_program("zsh"); }},
    {"needs an unprivileged user", [] { return geteuid() != 0; }},
};

bool has_argument(int argc, char** argv, const std::string& argument) {
  for (int i = 1; i < argc; ++i)
    if (argv[i] == argument) return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  for (const auto& [suite, is_met] : kRequirements) {
    if (is_met()) continue;
    if (has_argument(argc, argv, std::string("--test-suite=") + suite)) {
      std::printf("Skipped: the test suite \"%s\" cannot run on this machine.\n", suite);
      return kSkipped;
    }
    context.addFilter("test-suite-exclude", suite);
  }
  return context.run();
}
