#include "search/ensemble.h"

#include <cmath>
#include <memory>

#include <doctest/doctest.h>

#include "base/error.h"
#include "search/beam.h"
#include "support/markov.h"

namespace attn::test {
namespace {

// A Markov chain with the same attention weight at every position.
class ConstantAttention : public Markov {
 public:
  ConstantAttention(Chain chain, Index rows, Real value, Index maps = 1)
      : Markov({chain}), weights_(Mat::Constant(rows, maps, value)) {}
  ConstMatrixView attention(Index) const override {
    return {weights_.data(), weights_.rows(), weights_.cols(), weights_.rows()};
  }

 private:
  Mat weights_;
};

template <class... Scorers>
Ensemble ensemble(Scorers... scorers) {
  std::vector<Ensemble::Member> members;
  (members.push_back(
       {"model " + std::to_string(members.size()), std::make_unique<Scorers>(std::move(scorers))}),
   ...);
  return Ensemble(std::move(members));
}

}  // namespace

TEST_CASE("an ensemble of copies of one Markov chain gives the results of that chain") {
  for (const int count : {1, 2, 3}) {
    const Markov model({random_chain(6, 3), random_chain(6, 4)});
    std::vector<Ensemble::Member> members;
    for (int i = 0; i < count; ++i) members.push_back({"same", std::make_unique<Markov>(model)});
    Ensemble several(std::move(members));
    Markov one = model;
    const std::vector<Ids> sources = {{0, 1, 2}, {1, 2}};
    const SearchOptions options{.n_best = 5};
    const auto expected = beam_search(one, sources, options);
    const auto got = beam_search(several, sources, options);
    for (std::size_t s = 0; s < sources.size(); ++s)
      for (std::size_t n = 0; n < 5; ++n) {
        CHECK(text(got[s][n].words) == text(expected[s][n].words));
        CHECK(got[s][n].log_prob == doctest::Approx(expected[s][n].log_prob).epsilon(1e-5));
        for (std::size_t m = 0; m < 2; ++m)
          CHECK(got[s][n].attention.at(m).isApprox(expected[s][n].attention.at(m), Real(1e-6)));
      }
  }
}

TEST_CASE("an ensemble averages probabilities, including very small ones and zeros") {
  Chain a = chain_of(kEven), b = a, c = a;
  a.col(3) << std::log(Real(0.2)), kImpossible, -200;
  b.col(3) << std::log(Real(0.6)), kImpossible, -201;
  c.col(3) << kImpossible, kImpossible, -202;
  Ensemble three = ensemble(Markov({a}), Markov({b}), Markov({c}));
  three.start(std::vector<Ids>{{0}});
  Mat log_probs(3, 1);
  three.step(std::vector<int>{-1}, log_probs);
  CHECK(log_probs(0, 0) == doctest::Approx(std::log(0.8 / 3)));
  CHECK(log_probs(1, 0) == kImpossible);
  CHECK(log_probs(2, 0) ==
        doctest::Approx(-200 + std::log((1 + std::exp(-1.0) + std::exp(-2.0)) / 3)));
}

TEST_CASE("the attention of an ensemble is the mean over members with attention, and over heads") {
  const Chain chain = random_chain(3, 1);
  Ensemble alike = ensemble(ConstantAttention(chain, 0, 0), ConstantAttention(chain, 4, 1),
                            ConstantAttention(chain, 4, 2));
  CHECK(alike.attention(0).map() == Mat::Constant(4, 1, Real(1.5)));
  CHECK(alike.attention(0).map() ==
        Mat::Constant(4, 1, Real(1.5)));  // a second call gives the same result
  Ensemble mixed = ensemble(ConstantAttention(chain, 4, 1, 3), ConstantAttention(chain, 0, 0),
                            ConstantAttention(chain, 4, 2));
  CHECK(mixed.attention(0).map() == Mat::Constant(4, 1, Real(1.5)));
  Ensemble heads = ensemble(ConstantAttention(chain, 4, 1, 3), ConstantAttention(chain, 4, 2, 3));
  CHECK(heads.attention(0).map() == Mat::Constant(4, 3, Real(1.5)));
  Ensemble none = ensemble(ConstantAttention(chain, 0, 0), ConstantAttention(chain, 0, 0));
  CHECK(none.attention(0).size() == 0);
}

TEST_CASE("the error message of an ensemble names the model whose vocabulary differs") {
  const auto message = [](Markov other) -> std::string {
    try {
      ensemble(Markov({random_chain(3, 1)}), Markov({random_chain(3, 2)}), std::move(other));
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  CHECK(message(Markov({random_chain(3, 3)})) == "no error");
  CHECK(message(Markov({random_chain(4, 3)})) ==
        "model 2: has 4 target subwords with end of sentence 2, but model 0 has 3 target subwords "
        "with "
        "end of sentence 2; "
        "the models of an ensemble must share their vocabularies");
  CHECK(message(Markov({random_chain(3, 3)}, 1))
            .find("model 2: has 3 target subwords with end of sentence 1") == 0);
}

}  // namespace attn::test
