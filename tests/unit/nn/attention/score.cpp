// Attention scores of zero vectors, which have no direction.
#include "nn/attention/score.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "math/params.h"

namespace attn::test {

TEST_CASE("scores that compare vectors have finite energies and gradients for zero vectors") {
  const Index size = 3;
  for (const auto& kind : attention_scores()) {
    if (!kind.value.same_size) continue;
    CAPTURE(kind.name);
    Layout layout;
    const auto score = kind.value.make(Scope(layout), {size, size, size});
    Params w(layout), g(layout);
    for (Real& number : w.flat()) number = 1;
    Mat values = Mat::Zero(size, 2), state = Mat::Zero(size, 1);
    values.col(1).setOnes();  // the first word is a zero vector, the second is not
    Mat keys(score->key_rows(), 2), query(score->query_rows(), 1);
    score->keys(Weights(w), values, keys);
    score->query(Weights(w), state, query);
    std::vector<Real> energies(2, 7);
    const KeyBlock block{{keys.data(), keys.rows(), 2}, 0, nullptr};
    score->energies(Weights(w), block, query.data(), energies.data());
    CHECK(energies[0] == 0);
    CHECK(energies[1] == (kind.name == "gaussian" ? doctest::Approx(-3 / (2 * 3 * std::exp(1)))
                                                  : doctest::Approx(0)));

    const std::vector<Real> denergies = {1, -2};
    Mat dkeys = Mat::Zero(keys.rows(), 2), dquery = Mat::Zero(query.rows(), 1);
    Mat dvalues = Mat::Zero(size, 2), dstate = Mat::Zero(size, 1);
    score->energies_backward(Weights(w), block, query.data(), denergies.data(), g, dkeys,
                             dquery.data(), nullptr);
    score->query_backward(Weights(w), state, query, dquery, dstate);
    score->keys_backward(Weights(w), values, keys, dkeys, dvalues);
    for (const Real number : g.flat()) CHECK(std::isfinite(number));
    CHECK(dstate.allFinite());
    CHECK(dvalues.allFinite());
  }
}

}  // namespace attn::test
