// exp, tanh and the logistic function, free of branches so that loops over them become vector code
// without -ffast-math, and the same bits in a vector's tail as in its body. In float: within 2
// units in the last place (tests/unit/elementary.cpp). In double: the standard library's.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace attn {

// e^x − 1 = (2^n − 1) + 2^n p with x = n ln 2 + r, |r| ≤ ln 2 / 2, and p = e^r − 1 by its Taylor
// series to r^7. For |x| ≤ 80.
struct Exp {
  float scale, p;  // 2^n, e^r − 1
};

inline Exp split_exp(float x) {
  constexpr float kRound =
      12582912.0F;  // 1.5 · 2^23: adding it rounds to a whole number, kept in the low bits
  const float shifted = x * 1.44269504F + kRound;
  const float n = shifted - kRound;
  const float r =
      (x - n * 0.693359375F) - n * -2.12194440e-4F;  // ln 2 in two parts (Cody and Waite 1980)
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

inline float clamp_to(float x, float limit) {
  x = x < limit ? x : limit;
  return x > -limit ? x : -limit;
}

inline float fast_exp(float x) {  // 0 is never reached: e^-80 at the least
  const Exp e = split_exp(clamp_to(x, 80.0F));
  return e.scale * e.p + e.scale;
}
inline float fast_logistic(float x) {
  return 1.0F / (1.0F + fast_exp(-x));
}
inline float fast_tanh(float x) {  // (e^2x − 1) / (e^2x + 1)
  const Exp e = split_exp(clamp_to(2.0F * x, 20.0F));
  const float m = (e.scale - 1.0F) + e.scale * e.p;
  return m / (m + 2.0F);
}

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
