// Attention scores of zero vectors, which have no direction, and of blocks of several queries.
#include "nn/attention/score.h"

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "math/params.h"
#include "support/approx.h"
#include "support/matrix.h"

namespace attn::test {
namespace {

// Words and queries of one source, and their gradients.
struct ScoreCase {
  Layout layout;
  AttentionScore score;
  Params w, g;
  Mat keys, queries, coverage, energies, denergies, dkeys, dqueries, dcoverage;

  ScoreCase(const AttentionScoreKind& kind, const AttentionScoreSizes& sizes, Index words,
            Index columns)
      : score(kind.make(Scope(layout), sizes)),
        w(layout),
        g(layout),
        keys(random_matrix(RandomKey(1), score.keys->rows(), words)),
        queries(random_matrix(RandomKey(2), score.queries->rows(), columns)),
        coverage(random_matrix(RandomKey(3), sizes.coverage ? words : 0, columns)),
        energies(Mat::Constant(words, columns, 7)),
        denergies(random_matrix(RandomKey(4), words, columns)),
        dkeys(Mat::Zero(keys.rows(), words)),
        dqueries(Mat::Zero(queries.rows(), columns)),
        dcoverage(Mat::Zero(coverage.rows(), columns)) {
    const auto numbers = random_numbers(RandomKey(5), layout.size());
    std::copy(numbers.begin(), numbers.end(), w.flat().begin());
  }

  // Computes energies and gradients of the columns [begin, begin + count).
  void run(Index begin, Index count) {
    const auto part = [&](Mat& m) { return Out(m).columns(begin, count); };
    const ScoreBlock block{
        .keys = keys, .queries = part(queries), .coverage = part(coverage), .first_position = 0};
    score.kernel->energies(Weights(w), block, part(energies));
    score.kernel->energies_backward(Weights(w), block,
                                    {.denergies = part(denergies),
                                     .dkeys = dkeys,
                                     .dqueries = part(dqueries),
                                     .dcoverage = part(dcoverage)},
                                    g);
  }
};

void check_equal(const std::string& name, const Mat& got, const Mat& want) {
  CAPTURE(name);
  REQUIRE(got.size() == want.size());
  CHECK((got - want).norm() <= Real(3e-6) * want.norm());
}

}  // namespace

TEST_CASE("scores that compare vectors have finite energies and gradients for zero vectors") {
  const Index size = 3;
  for (const auto& kind : attention_scores()) {
    if (!kind.value.same_size) continue;
    CAPTURE(kind.name);
    Layout layout;
    const AttentionScore score = kind.value.make(Scope(layout), {size, size, size});
    Params w(layout), g(layout);
    for (Real& number : w.flat()) number = 1;
    Mat values = Mat::Zero(size, 2), state = Mat::Zero(size, 1);
    values.col(1).setOnes();  // the first word is a zero vector, the second is not
    Mat keys(score.keys->rows(), 2), query(score.queries->rows(), 1);
    score.keys->forward(Weights(w), values, keys);
    score.queries->forward(Weights(w), state, query);
    Mat energies = Mat::Constant(2, 1, 7);
    const ScoreBlock block{.keys = keys, .queries = query, .coverage = {}, .first_position = 0};
    score.kernel->energies(Weights(w), block, energies);
    CHECK(energies(0) == 0);
    CHECK(energies(1) == (kind.name == "gaussian" ? doctest::Approx(-3 / (2 * 3 * std::exp(1)))
                                                  : doctest::Approx(0)));

    Mat denergies(2, 1);
    denergies << 1, -2;
    Mat dkeys = Mat::Zero(keys.rows(), 2), dquery = Mat::Zero(query.rows(), 1);
    Mat dvalues = Mat::Zero(size, 2), dstate = Mat::Zero(size, 1);
    score.kernel->energies_backward(Weights(w), block, {denergies, dkeys, dquery, {}}, g);
    score.queries->backward(Weights(w), state, query, dquery, dstate);
    score.keys->backward(Weights(w), values, keys, dkeys, dvalues);
    for (const Real number : g.flat()) CHECK(std::isfinite(number));
    CHECK(dstate.allFinite());
    CHECK(dvalues.allFinite());
  }
}

TEST_CASE("the energies and gradients of several queries are those of each query") {
  const Index size = 67, words = 31;
  for (const auto& kind : attention_scores())
    for (const Index columns : {2, 11})
      for (const bool coverage : {false, true}) {
        if (!kind.value.make || (coverage && !kind.value.takes_coverage)) continue;
        CAPTURE(kind.name);
        CAPTURE(columns);
        const AttentionScoreSizes sizes = {.value = size,
                                           .state = size,
                                           .hidden = size,
                                           .max_positions = words,
                                           .weight_norm = true,
                                           .coverage = coverage};
        ScoreCase together(kind.value, sizes, words, columns);
        ScoreCase alone(kind.value, sizes, words, columns);
        together.run(0, columns);
        for (Index q = 0; q < columns; ++q) alone.run(q, 1);
        check_equal("energies", together.energies, alone.energies);
        check_equal("dkeys", together.dkeys, alone.dkeys);
        check_equal("dqueries", together.dqueries, alone.dqueries);
        check_equal("dcoverage", together.dcoverage, alone.dcoverage);
        check_near("parameters", together.g.flat(), alone.g.flat(), 1e-5);
        CHECK(alone.energies.norm() > 1);
        CHECK(alone.dqueries.norm() > 1);
      }
}

}  // namespace attn::test
