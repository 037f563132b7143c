// The random numbers of Python's numpy.random.default_rng(seed), for results that must equal the
// results of programs that use numpy: PCG64 (O'Neill 2014) seeded by numpy's SeedSequence, and
// bounded integers by the method of Lemire (2019). Unlike the generator in base/random.h, this one
// has a state.
#pragma once

#include <cstdint>

namespace attn {

class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint64_t seed);

  // Returns the next integer in [0, n). Requires n > 0.
  std::uint32_t below(std::uint32_t n);

 private:
  __extension__ using Wide = unsigned __int128;

  std::uint64_t next64();
  std::uint32_t next32();  // the halves of next64, the lower one first

  Wide state_ = 0, increment_ = 0;
  std::uint32_t upper_ = 0;
  bool has_upper_ = false;
};

}  // namespace attn
