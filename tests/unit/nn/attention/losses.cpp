// Losses on attention weights, compared with values computed by hand.
#include "nn/attention/losses.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

namespace attn::test {
namespace {

// The weights of two words in three steps.
const std::vector<Real> kWeights = {0.5, 0.5, 0.25, 0.75, 1, 0};

ConstMatrixView weights() {
  return {kWeights.data(), 2, 3, 2};
}

}  // namespace

TEST_CASE("the coverage loss is the attention that steps share with the steps before them") {
  // Sums of past weights κ: (0, 0), (0.5, 0.5), (0.75, 1.25). Losses: 0, 0.25 + 0.5, 0.75 + 0.
  Workspace ws;
  CHECK(coverage_loss(weights(), 1, nullptr, ws) == doctest::Approx(1.5));

  std::vector<Real> gradient(6, 1);
  MatrixView d(gradient.data(), 2, 3, 2);
  CHECK(coverage_loss(weights(), 2, &d, ws) == doctest::Approx(1.5));
  // min(α, κ) depends on the weight of the step itself where α ≤ κ, and on the weights of all steps
  // before where α > κ. The latter holds for the first word in step 3 and the second word in step
  // 2.
  const std::vector<Real> counts = {1, 1, 2, 0, 0, 1};
  for (std::size_t i = 0; i < counts.size(); ++i)
    CHECK(gradient[i] == doctest::Approx(1 + 2 * counts[i]));
}

TEST_CASE("the guided alignment loss is the cross-entropy of the aligned words") {
  const std::vector<int> links = {1, 0, 0, 2, 1, 2};  // step 0: word 1; step 2: both words
  const std::vector<ConstMatrixView> heads = {weights()};
  std::vector<Real> gradient(6, 0);
  std::vector<MatrixView> d = {MatrixView(gradient.data(), 2, 3, 2)};
  const double want = -std::log(0.500001) - 0.5 * (std::log(1.000001) + std::log(1e-6));
  CHECK(guided_loss(heads, links, 3, d) == doctest::Approx(want));
  CHECK(gradient[0] == 0);
  CHECK(gradient[1] == doctest::Approx(-3 / 0.500001));
  CHECK(gradient[4] == doctest::Approx(-1.5 / 1.000001));
  CHECK(gradient[5] == doctest::Approx(-1.5e6));
  CHECK(guided_loss(heads, {}, 3, d) == 0);
}

TEST_CASE("the guided alignment loss of several heads is that of their mean") {
  const std::vector<Real> others = {1, 0, 1, 0, 0, 1};
  const std::vector<ConstMatrixView> heads = {weights(), ConstMatrixView(others.data(), 2, 3, 2)};
  const std::vector<int> links = {0, 0};
  std::vector<MatrixView> none;
  CHECK(guided_loss(heads, links, 1, none) == doctest::Approx(-std::log(0.750001)));
}

}  // namespace attn::test
