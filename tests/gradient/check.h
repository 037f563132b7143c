// Gradients against four-point central differences, in double:
//   f'(x) ≈ (f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)) / 12h
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>

#include <doctest/doctest.h>

namespace attn::test {

// Every number of x: |analytic − numeric| ≤ 1e-8 + 1e-6·|numeric|. A tensor whose largest gradient
// is below 1e-4 proves nothing and fails.
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

}  // namespace attn::test
