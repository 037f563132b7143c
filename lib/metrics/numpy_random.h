// The random numbers of Python's numpy.random.default_rng(seed), for what has to equal a program
// that draws from it: PCG64 (O'Neill 2014), seeded by her seed_seq_fe, and whole numbers below n by
// Lemire (2019). Unlike the program's own (base/random.h), these come one after the other.
#pragma once

#include <cstdint>

namespace attn {

class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint64_t seed);

  // The next whole number in [0, n), n > 0.
  std::uint32_t below(std::uint32_t n);

 private:
  __extension__ using Wide = unsigned __int128;

  std::uint64_t next64();
  std::uint32_t next32();  // the halves of next64, the lower first

  Wide state_ = 0, increment_ = 0;
  std::uint32_t upper_ = 0;
  bool has_upper_ = false;
};

}  // namespace attn
