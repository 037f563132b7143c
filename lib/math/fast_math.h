// exp, tanh and the logistic function without branches, so that loops over them are vectorized
// without -ffast-math. A result does not depend on the position of the number in a vector. In float
// the error is at most 2 units in the last place for exp, 3 for the logistic function and 4 for
// tanh (tests/unit/math/fast_math.cpp). In double they call the standard library.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace attn {

// The factors of e^x = 2^n e^r.
struct Exp {
  float scale, p;  // 2^n, e^r − 1
};

// Returns 2^n and p with
//   e^x − 1 = (2^n − 1) + 2^n p,  x = n ln 2 + r,  |r| ≤ ln 2 / 2,  p = e^r − 1,
// p by its Taylor series up to r^7. Requires |x| ≤ 80.
inline Exp split_exp(float x) {
  // 1.5 · 2^23. Adding it rounds to an integer, which is in the low bits of the sum.
  constexpr float kRound = 12582912.0F;
  const float shifted = x * 1.44269504F + kRound;
  const float n = shifted - kRound;
  // ln 2 is the sum of two constants (Cody and Waite 1980).
  const float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.0F / 5040.0F;
  p = p * r + 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r * r + r;
  const auto bits =
      (std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRound) + 127) << 23;
  return {std::bit_cast<float>(bits), p};
}

// Returns x limited to [−limit, limit], without a branch.
inline float clamp_to(float x, float limit) {
  x = x < limit ? x : limit;
  return x > -limit ? x : -limit;
}

// Returns e^x, with x limited to [−80, 80]. The result is therefore never 0.
inline float fast_exp(float x) {
  const Exp e = split_exp(clamp_to(x, 80.0F));
  return e.scale * e.p + e.scale;
}
// Returns 1 / (1 + e^−x).
inline float fast_logistic(float x) {
  return 1.0F / (1.0F + fast_exp(-x));
}
// Returns tanh x = (e^2x − 1) / (e^2x + 1).
inline float fast_tanh(float x) {
  const Exp e = split_exp(clamp_to(2.0F * x, 20.0F));
  const float m = (e.scale - 1.0F) + e.scale * e.p;
  return m / (m + 2.0F);
}

// Return the values of the standard library.
inline double fast_exp(double x) {
  return std::exp(x);
}
inline double fast_logistic(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}
inline double fast_tanh(double x) {
  return std::tanh(x);
}

}  // namespace attn
