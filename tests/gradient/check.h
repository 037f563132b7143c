// Compares gradients with four-point central differences, in double:
//   f'(x) ≈ (f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)) / 12h
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include "math/params.h"
#include "support/matrix.h"

namespace attn::test {

// Checks |analytic − numeric| ≤ 1e-8 + 1e-6·|numeric| for every number of x. Also fails if the
// largest gradient is below 1e-4, because such a test would prove nothing.
inline void check_gradient(const std::string& name, std::span<double> x,
                           std::span<const double> analytic, const std::function<double()>& f,
                           double h = 1e-4) {
  double largest = 0;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double at = x[i];
    const auto f_at = [&](double shift) { return x[i] = at + shift, f(); };
    const double numeric = (f_at(-2 * h) - 8 * f_at(-h) + 8 * f_at(h) - f_at(2 * h)) / (12 * h);
    x[i] = at;
    largest = std::max(largest, std::abs(analytic[i]));
    if (std::abs(analytic[i] - numeric) <= 1e-8 + 1e-6 * std::abs(numeric)) continue;
    if (++wrong <= 3)
      MESSAGE(name << "[" << i << "]: expected " << numeric << ", got " << analytic[i]);
  }
  INFO(name << ": " << wrong << " of " << x.size() << " numbers differ; largest gradient "
            << largest);
  CHECK(wrong == 0);
  CHECK(largest >= 1e-4);
}

inline void check_gradient(const std::string& name, Mat& x, const Mat& analytic,
                           const std::function<double()>& f) {
  const auto size = static_cast<std::size_t>(x.size());
  REQUIRE(analytic.size() == x.size());
  check_gradient(name, {x.data(), size}, {analytic.data(), size}, f);
}

// Checks the gradients of all parameters of the layout.
inline void check_parameters(const Layout& layout, Params& w, const Params& g,
                             const std::function<double()>& f) {
  for (const auto& entry : layout.entries()) {
    const auto size = static_cast<std::size_t>(entry.slot.size());
    check_gradient(entry.name, {w.data(entry.slot), size}, {g.data(entry.slot), size}, f);
  }
}

inline Params random_params(RandomKey key, const Layout& layout, double deviation = 0.5) {
  Params w(layout);
  for (const auto& entry : layout.entries())
    w.vector(entry.slot).map() = random_matrix(key.at(entry.name), entry.slot.size(), 1, deviation);
  return w;
}

// Returns Σ c∘y, a scalar whose gradient with respect to y is c.
inline double weighted_sum(In c, In y) {
  return (c.map().array() * y.map().array()).sum();
}

}  // namespace attn::test
