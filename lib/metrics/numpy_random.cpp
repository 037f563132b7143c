#include "metrics/numpy_random.h"

#include <array>
#include <bit>

namespace attn {
namespace {

// The hash function of SeedSequence. Each call uses the next constant.
struct Hash {
  std::uint32_t constant, multiplier;

  std::uint32_t operator()(std::uint32_t value) {
    value ^= constant;
    constant *= multiplier;
    value *= constant;
    return value ^ (value >> 16);
  }
};

std::uint32_t blend(std::uint32_t x, std::uint32_t y) {
  const std::uint32_t value = 0xca01f9ddU * x - 0x4973f715U * y;
  return value ^ (value >> 16);
}

// Returns four 64-bit words in which every bit depends on every bit of the seed
// (SeedSequence.generate_state).
std::array<std::uint64_t, 4> spread(std::uint64_t seed) {
  Hash in = {0x43b0d7e5U, 0x931e8875U}, out = {0x8b51f9ddU, 0x58f38dedU};
  std::array<std::uint32_t, 4> pool = {static_cast<std::uint32_t>(seed),
                                       static_cast<std::uint32_t>(seed >> 32)};
  for (auto& word : pool) word = in(word);
  for (std::size_t from = 0; from < 4; ++from)
    for (std::size_t to = 0; to < 4; ++to)
      if (from != to) pool[to] = blend(pool[to], in(pool[from]));
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < 8; ++i)
    words[i / 2] |= std::uint64_t{out(pool[i % 4])} << (32 * (i % 2));
  return words;
}

}  // namespace

NumpyRandom::NumpyRandom(std::uint64_t seed) {
  const auto words = spread(seed);
  increment_ = ((Wide{words[2]} << 64 | words[3]) << 1) | 1;
  state_ = increment_ + (Wide{words[0]} << 64 | words[1]);
  next64();
}

std::uint64_t NumpyRandom::next64() {
  constexpr Wide kMultiplier = Wide{0x2360ed051fc65da4ULL} << 64 | 0x4385df649fccf645ULL;
  state_ = state_ * kMultiplier + increment_;
  const auto high = static_cast<std::uint64_t>(state_ >> 64);
  return std::rotr(high ^ static_cast<std::uint64_t>(state_), static_cast<int>(high >> 58));
}

std::uint32_t NumpyRandom::next32() {
  has_upper_ = !has_upper_;
  if (!has_upper_) return upper_;
  const std::uint64_t both = next64();
  upper_ = static_cast<std::uint32_t>(both >> 32);
  return static_cast<std::uint32_t>(both);
}

std::uint32_t NumpyRandom::below(std::uint32_t n) {
  const std::uint32_t rejected = -n % n;  // 2^32 mod n, to make all numbers equally likely
  std::uint64_t product;
  do product = std::uint64_t{next32()} * n;
  while (static_cast<std::uint32_t>(product) < rejected);
  return static_cast<std::uint32_t>(product >> 32);
}

}  // namespace attn
