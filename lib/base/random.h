// Random numbers as a function of (seed, stream, indices). There is no generator state to save, and
// results do not depend on threads or order. mix() is the finalizer of SplitMix64 (Steele, Lea and
// Flood 2014).
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <utility>
#include <vector>

namespace attn {

// Returns a hash of x that depends on all of its bits.
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// A node in a tree of random numbers: key.at(i) is an independent key for every i.
class RandomKey {
 public:
  constexpr explicit RandomKey(std::uint64_t value = 0) : value_(value) {}

  // Return the key of a child, given by its index or name.
  RandomKey at(std::uint64_t index) const { return RandomKey(mix(value_ ^ mix(index))); }
  RandomKey at(std::string_view name) const {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return at(hash);
  }

  // Returns 64 random bits.
  std::uint64_t bits() const { return mix(value_); }
  // Returns a number uniform in [0, 1).
  double uniform() const { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  // Returns a standard normal number (Box and Muller 1958).
  double normal() const {
    const double u = 1.0 - at(0).uniform(), v = at(1).uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
  }
  // Returns an integer uniform in [0, n). Requires n < 2^32.
  std::uint64_t below(std::uint64_t n) const { return ((bits() >> 32) * n) >> 32; }

 private:
  std::uint64_t value_;
};

// Shuffles `items` (Fisher and Yates) as a function of the key.
template <class T>
void shuffle(std::vector<T>& items, RandomKey key) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[key.at(i).below(i)]);
}

}  // namespace attn
