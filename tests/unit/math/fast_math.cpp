#include "math/fast_math.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace {

double ulps(float got, double want) {
  const double unit = std::nextafter(std::abs(static_cast<float>(want)), 1e30F) -
                      std::abs(static_cast<float>(want));
  return std::abs(got - want) / unit;
}

}  // namespace

TEST_CASE("fast exp, tanh and logistic in float have errors of a few units in the last place") {
  double worst_exp = 0, worst_tanh = 0, worst_logistic = 0;
  for (float x = -40; x < 40; x += 0.000731F) {
    worst_exp = std::max(worst_exp, ulps(attn::fast_exp(x), std::exp(double(x))));
    worst_tanh = std::max(worst_tanh, ulps(attn::fast_tanh(x / 4), std::tanh(double(x / 4))));
    worst_logistic =
        std::max(worst_logistic, ulps(attn::fast_logistic(x), 1 / (1 + std::exp(-double(x)))));
  }
  for (float x = 1e-30F; x < 1; x *= 1.07F)
    worst_tanh = std::max(worst_tanh, ulps(attn::fast_tanh(x), std::tanh(double(x))));
  CHECK(worst_exp < 2);
  CHECK(worst_tanh < 4);
  CHECK(worst_logistic < 3);
}

TEST_CASE("fast exp, tanh and logistic are finite and correct for huge arguments") {
  const float huge = std::numeric_limits<float>::max();
  CHECK(attn::fast_tanh(huge) == 1.0F);
  CHECK(attn::fast_tanh(-huge) == -1.0F);
  CHECK(attn::fast_tanh(0.0F) == 0.0F);
  CHECK(attn::fast_logistic(huge) == 1.0F);
  CHECK(attn::fast_logistic(-huge) < 1e-30F);
  CHECK(attn::fast_exp(-huge) < 1e-30F);
  CHECK(std::isfinite(attn::fast_exp(huge)));
}
