// Initial values against the definitions of the schemes: bounds, orthogonality, and moments within
// statistical bounds of four standard errors.
#include "nn/init.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {
namespace {

const std::vector<std::string> kSchemes = {"xavier", "bahdanau2015"};

// Large tensors of every role. The gates of `recurrent` and `input` are stacked in their rows.
struct InitLayout {
  Layout layout;
  Slot embedding, input, recurrent, attention, vector, output, bias, scale;

  InitLayout() {
    const Scope at(layout);
    embedding = at.matrix("embedding", 500, 64, Role::embedding);
    input = at.matrix("input", 3 * 60, 90, Role::input, 3);
    recurrent = at.matrix("recurrent", 3 * 40, 40, Role::recurrent, 3);
    attention = at.matrix("attention", 120, 80, Role::attention);
    vector = at.vector("vector", 4000, Role::attention_vector);
    output = at.matrix("output", 300, 50, Role::output);
    bias = at.vector("bias", 70);
    scale = at.vector("scale", 70, Role::scale);
  }
};

Params initialized(const Layout& layout, const std::string& scheme, std::uint64_t seed = 1) {
  Params w(layout);
  initialize(layout, init_schemes().at(scheme), seed, w);
  return w;
}

std::vector<double> numbers(const Params& w, Slot slot) {
  return {w.data(slot), w.data(slot) + slot.size()};
}

double mean_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double number : x) sum += number;
  return sum / static_cast<double>(x.size());
}

double mean_of_squares(std::vector<double> x) {
  for (double& number : x) number *= number;
  return mean_of(x);
}

double fraction_within(const std::vector<double>& x, double limit) {
  const auto count =
      std::count_if(x.begin(), x.end(), [&](double number) { return std::abs(number) <= limit; });
  return static_cast<double>(count) / static_cast<double>(x.size());
}

// The variance of a sample variance is 2 σ⁴ / n for a normal distribution.
void check_normal(const std::vector<double>& x, double deviation) {
  const double n = static_cast<double>(x.size()), variance = deviation * deviation;
  CHECK(std::abs(mean_of(x)) <= 4 * deviation / std::sqrt(n));
  CHECK(std::abs(mean_of_squares(x) - variance) <= 4 * variance * std::sqrt(2 / n));
  // 68.27% lie within one standard deviation, 95.45% within two.
  for (const auto& [multiple, fraction] : {std::pair(1.0, 0.6827), std::pair(2.0, 0.9545)})
    CHECK(std::abs(fraction_within(x, multiple * deviation) - fraction) <=
          4 * std::sqrt(fraction * (1 - fraction) / n));
}

// A uniform distribution on [−limit, limit] has E x² = limit² / 3 and E x⁴ = limit⁴ / 5.
void check_uniform(const std::vector<double>& x, double limit) {
  const double n = static_cast<double>(x.size()), square = limit * limit;
  CHECK(fraction_within(x, limit * (1 + 1e-6)) == 1);
  CHECK(fraction_within(x, 0.99 * limit) < 1);
  CHECK(std::abs(mean_of(x)) <= 4 * limit / std::sqrt(3 * n));
  CHECK(std::abs(mean_of_squares(x) - square / 3) <=
        4 * square * std::sqrt((1.0 / 5 - 1.0 / 9) / n));
  CHECK(std::abs(fraction_within(x, limit / 2) - 0.5) <= 4 * std::sqrt(0.25 / n));
}

// Checks QᵀQ = I for each square block of rows. Parameters are stored row by row.
void check_orthogonal_blocks(const std::vector<double>& x, std::size_t n) {
  REQUIRE(x.size() % (n * n) == 0);
  for (std::size_t block = 0; block < x.size(); block += n * n)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) {
        double dot = 0;
        for (std::size_t i = 0; i < n; ++i) dot += x[block + i * n + j] * x[block + i * n + k];
        REQUIRE(std::abs(dot - (j == k ? 1 : 0)) < 1e-5);
      }
}

}  // namespace

TEST_CASE("xavier samples the uniform distribution of Glorot and Bengio for each gate") {
  const InitLayout l;
  const Params w = initialized(l.layout, "xavier");
  const auto limit = [](double fan_in, double fan_out) {
    return std::sqrt(6 / (fan_in + fan_out));
  };
  const std::vector<double> gates = numbers(w, l.input);
  for (std::ptrdiff_t gate = 0; gate < 3; ++gate) {
    CAPTURE(gate);
    check_uniform({gates.begin() + gate * 60 * 90, gates.begin() + (gate + 1) * 60 * 90},
                  limit(90, 60));
  }
  check_uniform(numbers(w, l.attention), limit(80, 120));
  check_uniform(numbers(w, l.output), limit(50, 300));
  check_uniform(numbers(w, l.vector), limit(1, 4000));
}

TEST_CASE("xavier embeddings have the standard deviation 1/√size") {
  const InitLayout l;
  check_normal(numbers(initialized(l.layout, "xavier"), l.embedding), 1 / std::sqrt(64.0));
}

TEST_CASE("bahdanau2015 uses the standard deviations of appendix B.1") {
  const InitLayout l;
  const Params w = initialized(l.layout, "bahdanau2015");
  check_normal(numbers(w, l.embedding), 0.01);
  check_normal(numbers(w, l.input), 0.01);
  check_normal(numbers(w, l.output), 0.01);
  check_normal(numbers(w, l.attention), 0.001);
  CHECK(fraction_within(numbers(w, l.vector), 0) == 1);
}

TEST_CASE("every scheme makes recurrent matrices orthogonal, gate by gate") {
  for (const std::string& scheme : kSchemes) {
    CAPTURE(scheme);
    const InitLayout l;
    const std::vector<double> x = numbers(initialized(l.layout, scheme), l.recurrent);
    check_orthogonal_blocks(x, 40);
    const auto gate = [&](std::ptrdiff_t i) {
      return std::vector<double>(x.begin() + i * 1600, x.begin() + (i + 1) * 1600);
    };
    CHECK(gate(0) != gate(1));
    CHECK(gate(1) != gate(2));
    check_normal(x,
                 1 / std::sqrt(40.0));  // almost, as the columns of a Haar matrix are unit vectors
  }
}

TEST_CASE("orthogonal matrices are uniformly distributed: one of size 1 is −1 as often as 1") {
  Layout layout;
  const Slot slot = Scope(layout).matrix("w", 1000, 1, Role::recurrent, 1000);
  for (const std::string& scheme : kSchemes) {
    const std::vector<double> x = numbers(initialized(layout, scheme), slot);
    for (const double number : x) CHECK(std::abs(number) == 1);
    CHECK(std::abs(mean_of(x)) <= 4 / std::sqrt(1000.0));
  }
}

TEST_CASE("every scheme sets biases to 0 and scales to 1") {
  const InitLayout l;
  for (const std::string& scheme : kSchemes) {
    CAPTURE(scheme);
    const Params w = initialized(l.layout, scheme);
    CHECK(numbers(w, l.bias) == std::vector<double>(70, 0.0));
    CHECK(numbers(w, l.scale) == std::vector<double>(70, 1.0));
  }
}

TEST_CASE("initialization overwrites all previous values") {
  const InitLayout l;
  for (const std::string& scheme : kSchemes) {
    CAPTURE(scheme);
    Params w(l.layout);
    for (Real& number : w.flat()) number = 7;
    initialize(l.layout, init_schemes().at(scheme), 1, w);
    const Params fresh = initialized(l.layout, scheme);
    CHECK(std::equal(w.flat().begin(), w.flat().end(), fresh.flat().begin()));
  }
}

TEST_CASE("initial values depend on seed and parameter name, not on the other parameters") {
  Layout one, other;
  const Slot a = Scope(one).matrix("a", 20, 30, Role::input),
             b = Scope(one).matrix("b", 10, 10, Role::recurrent),
             b_first = Scope(other).matrix("b", 10, 10, Role::recurrent);
  Scope(other).vector("more", 5);
  const Slot a_last = Scope(other).matrix("a", 20, 30, Role::input),
             c = Scope(other).matrix("c", 20, 30, Role::input);
  for (const std::string& scheme : kSchemes) {
    CAPTURE(scheme);
    const Params w = initialized(one, scheme, 5), v = initialized(other, scheme, 5);
    CHECK(numbers(w, a) == numbers(v, a_last));
    CHECK(numbers(w, b) == numbers(v, b_first));
    CHECK(numbers(v, c) != numbers(v, a_last));  // the name differs
    const Params same = initialized(one, scheme, 5), next = initialized(one, scheme, 6);
    CHECK(numbers(same, a) == numbers(w, a));
    CHECK(numbers(next, a) != numbers(w, a));
    CHECK(numbers(next, b) != numbers(w, b));
  }
}

TEST_CASE("every initialization scheme is tested") {
  std::vector<std::string> names;
  for (const auto& scheme : init_schemes()) names.push_back(scheme.name);
  CHECK(names == kSchemes);
}

}  // namespace attn::test
