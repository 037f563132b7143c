#include "search/beam.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include <doctest/doctest.h>

#include "base/error.h"
#include "support/markov.h"

namespace attn::test {
namespace {

struct Path {
  Ids words;  // including the end of sentence
  double log_prob = 0;
  bool finished = false;
};

double score(const Path& path, double alpha) {
  return path.log_prob / std::pow(static_cast<double>(path.words.size()), alpha);
}

void sort_paths(std::vector<Path>& paths, double alpha) {
  std::stable_sort(paths.begin(), paths.end(), [&](const Path& a, const Path& b) {
    return a.finished != b.finished ? a.finished : score(a, alpha) > score(b, alpha);
  });
}

void check_same(const Nbest& got, const std::vector<Path>& expected, double alpha) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    Ids words = expected[i].words;
    if (expected[i].finished) words.pop_back();
    CHECK(text(got[i].words) == text(words));
    CHECK(got[i].finished == expected[i].finished);
    CHECK(got[i].log_prob == doctest::Approx(expected[i].log_prob));
    CHECK(got[i].score == doctest::Approx(score(expected[i], alpha)));
  }
}

// Returns all sequences of at most `longest` words.
std::vector<Path> enumerate(const Chain& chain, int end, std::size_t longest) {
  std::vector<Path> all, active = {{}};
  while (!active.empty()) {
    std::vector<Path> next;
    for (const Path& path : active)
      for (int word = 0; word < chain.rows(); ++word) {
        Path longer = path;
        longer.log_prob += log_prob(chain, path.words.empty() ? -1 : path.words.back(), word);
        longer.words.push_back(word);
        longer.finished = word == end;
        const bool is_complete = longer.finished || longer.words.size() == longest;
        (is_complete ? all : next).push_back(longer);
      }
    active = next;
  }
  return all;
}

// A plain implementation of beam search as described in beam.h: all candidates, a full sort, no
// early stop.
std::vector<Path> plain_beam(const Chain& chain, int end, std::size_t longest, std::size_t beam,
                             double alpha) {
  struct Candidate {
    double log_prob;
    int word;
    std::size_t parent;
  };
  std::vector<Path> all, active = {{}};
  while (!active.empty() && all.size() < beam) {
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < active.size(); ++i)
      for (int word = 0; word < chain.rows(); ++word) {
        const int previous = active[i].words.empty() ? -1 : active[i].words.back();
        candidates.push_back({active[i].log_prob + log_prob(chain, previous, word), word, i});
      }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return std::tuple(-a.log_prob, a.word, a.parent) < std::tuple(-b.log_prob, b.word, b.parent);
    });
    candidates.resize(std::min(candidates.size(), beam - all.size()));
    std::vector<Path> next;
    for (const Candidate& c : candidates) {
      Path longer = active[c.parent];
      longer.words.push_back(c.word);
      longer.log_prob = c.log_prob;
      longer.finished = c.word == end;
      (longer.finished || longer.words.size() == longest ? all : next).push_back(longer);
    }
    active = next;
  }
  sort_paths(all, alpha);
  return all;
}

// Searches for one source. The maximum length is 5 unless the length ratio allows more.
Nbest search(const Chain& chain, const SearchOptions& options, const Ids& source = {0}) {
  Markov model({chain});
  return beam_search(model, std::vector<Ids>{source}, options).at(0);
}

SearchOptions short_search(int beam, int n_best, double alpha = 1) {
  return {.beam_size = beam,
          .scoring = {alpha},
          .constraints = {.max_length_ratio = 0},
          .n_best = n_best};
}

}  // namespace

TEST_CASE("a beam that is wide enough finds the same hypotheses as exhaustive enumeration") {
  for (const double alpha : {0.0, 0.6, 1.0}) {
    const Chain chain = random_chain(3, 7);
    std::map<Ids, Path> all;
    for (const Path& path : enumerate(chain, 2, 5)) all[path.words] = path;
    REQUIRE(all.size() == 31 + 32);
    const Nbest got = search(chain, short_search(63, 63, alpha));
    REQUIRE(got.size() == all.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      Ids words = got[i].words;
      if (got[i].finished) words.push_back(2);
      CAPTURE(text(words));
      REQUIRE(all.count(words) == 1);
      CHECK(got[i].finished == all[words].finished);
      CHECK(got[i].score == doctest::Approx(score(all[words], alpha)));
      all.erase(words);
      if (i > 0 && got[i].finished == got[i - 1].finished) CHECK(got[i].score <= got[i - 1].score);
      if (i > 0) CHECK(got[i].finished <= got[i - 1].finished);
    }
  }
}

TEST_CASE("beam search equals a plain reference implementation, with ties and large vocabularies") {
  for (const Index words : {3, 7, 300})
    for (const int beam : {1, 2, 5, 12})
      for (unsigned seed = 1; seed <= 6; ++seed) {
        CAPTURE(words);
        CAPTURE(beam);
        CAPTURE(seed);
        const Chain chain = random_chain(words, seed, seed % 2 == 0 ? 3 : 1000);
        const double alpha = 0.5 * (seed % 3);
        check_same(search(chain, short_search(beam, beam, alpha)),
                   plain_beam(chain, 2, 5, static_cast<std::size_t>(beam), alpha), alpha);
      }
}

TEST_CASE("beam search with one hypothesis equals greedy search in a Markov chain") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Chain chain = random_chain(6, seed);
    Ids expected;
    int word = -1;
    while (expected.size() < 14) {
      Index best;
      chain.col(word < 0 ? chain.cols() - 1 : word).maxCoeff(&best);
      word = static_cast<int>(best);
      if (word == 2) break;
      expected.push_back(word);
    }
    const Nbest got = search(chain, {.beam_size = 1}, {0, 1, 2});
    REQUIRE(got.size() == 1);
    CHECK(text(got[0].words) == text(expected));
    CHECK(got[0].finished == (word == 2));
  }
}

TEST_CASE("a smaller n_best saves steps and gives the same first hypotheses") {
  int steps_of_all = 0, steps_of_one = 0;
  for (const double alpha : {0.0, 0.5, 1.0})
    for (unsigned seed = 1; seed <= 40; ++seed) {
      CAPTURE(alpha);
      CAPTURE(seed);
      Markov model({random_chain(5, seed)});
      const std::vector<Ids> source = {{0, 1, 2, 3}};
      SearchOptions options{.beam_size = 6, .scoring = {alpha}, .n_best = 6};
      const Nbest all = beam_search(model, source, options).at(0);
      REQUIRE(all.size() == 6);
      steps_of_all += std::exchange(model.steps, 0);
      for (options.n_best = 5; options.n_best > 0; --options.n_best) {
        model.steps = 0;
        const Nbest some = beam_search(model, source, options).at(0);
        REQUIRE(some.size() == static_cast<std::size_t>(options.n_best));
        for (std::size_t i = 0; i < some.size(); ++i) {
          CHECK(text(some[i].words) == text(all[i].words));
          CHECK(some[i].score == all[i].score);
        }
      }
      steps_of_one += model.steps;
    }
  CHECK(steps_of_one < steps_of_all);
}

TEST_CASE("search continues while a longer hypothesis can still reach the best score") {
  // Rows: 0, 1, end, 3. Columns: after 0, 1, end, 3, and the first word.
  Mat p = Mat::Constant(4, 5, Real(0.001));
  p(1, 0) = p(3, 1) = p(2, 3) = Real(0.997);
  p.col(4) << Real(0.2), Real(0.15), Real(0.5), Real(0.15);
  // After "0" and one more word, the score is still below the finished one: log 0.2 / 2 < log 0.5.
  const Nbest got = search(chain_of(p), short_search(2, 1));
  CHECK(text(got[0].words) == "0 1 3");
  CHECK(got[0].score == doctest::Approx(std::log(0.2 * std::pow(0.997, 3)) / 4));
}

TEST_CASE(
    "the length penalty prefers a longer hypothesis whose words are more probable on average") {
  Mat p(3, 4);  // rows: 0, 1, end; columns: after 0, 1, end, and the first word
  p.col(0) << Real(0.05), Real(0.05), Real(0.9);
  p.col(1) << Real(0.1), Real(0.1), Real(0.8);
  p.col(2) << 1, 1, 1;
  p.col(3) << Real(0.45), Real(0.05), Real(0.5);
  const Nbest plain = search(chain_of(p), short_search(3, 1, 0));
  CHECK(plain[0].words.empty());
  CHECK(plain[0].score == doctest::Approx(std::log(0.5)));
  const Nbest half = search(chain_of(p), short_search(3, 2, 0.5));  // -0.904 / √2 above -0.693 / 1
  CHECK(text(half[0].words) == "0");
  CHECK(half[0].score == doctest::Approx(std::log(0.45 * 0.9) / std::sqrt(2.0)));
  CHECK(half[1].words.empty());
  const Nbest whole = search(chain_of(p), short_search(3, 1, 1));
  CHECK(text(whole[0].words) == "0");
  CHECK(whole[0].log_prob == doctest::Approx(std::log(0.45 * 0.9)));
  CHECK(whole[0].score == doctest::Approx(std::log(0.45 * 0.9) / 2));
  REQUIRE(whole[0].word_log_probs.size() == 2);
  CHECK(whole[0].word_log_probs[0] == doctest::Approx(std::log(0.45)));
  CHECK(whole[0].word_log_probs[1] == doctest::Approx(std::log(0.9)));
}

TEST_CASE("hypotheses of a model that never ends a sentence are truncated at the maximum length") {
  Chain chain = chain_of(kEven);
  chain.row(2).setConstant(kImpossible);
  const Nbest got =
      search(chain, {.beam_size = 3, .constraints = {.max_length_ratio = 1.5}, .n_best = 3},
             {0, 1, 1, 1, 2});
  REQUIRE(got.size() == 3);
  for (const auto& h : got) {
    CHECK(h.words.size() == 7 + kExtraLength);  // ⌊1.5 · 5⌋ = 7
    CHECK_FALSE(h.finished);
    CHECK(h.word_log_probs.size() == h.words.size());
    CHECK(h.score == doctest::Approx(std::log(1.0 / 3)));
  }
}

TEST_CASE("a finished hypothesis comes before an unfinished one with a better score") {
  Mat p(3, 4);
  p.colwise() = Eigen::Vector3d(0.99, 0.002, 0.008).cast<Real>();
  const Nbest got = search(chain_of(p), short_search(2, 2));
  REQUIRE(got.size() == 2);
  CHECK(got[0].finished);
  CHECK_FALSE(got[1].finished);
  CHECK(got[1].score > got[0].score);
  CHECK(text(got[1].words) == "0 0 0 0 0");
}

TEST_CASE(
    "among equally probable candidates, the lower word and then the lower parent comes first") {
  Chain chain = chain_of(Mat::Constant(3, 4, Real(0.5)));
  chain.row(2).setConstant(kImpossible);
  const Nbest got = search(chain, short_search(3, 3));
  REQUIRE(got.size() == 3);
  // After two steps 00, 10, 01; then word 0 after each of them, and so on.
  CHECK(text(got[0].words) == "0 0 0 0 0");
  CHECK(text(got[1].words) == "1 0 0 0 0");
  CHECK(text(got[2].words) == "0 1 0 0 0");
}

TEST_CASE("impossible words are never chosen") {
  Chain chain = chain_of(kEven);
  chain.setConstant(kImpossible);
  chain(1, 3) = -1;  // first word 1 → 0 → end
  chain(0, 1) = -2;
  chain(2, 0) = -3;
  chain(1, 0) = std::numeric_limits<Real>::quiet_NaN();
  const Nbest only = search(chain, short_search(4, 4));
  REQUIRE(only.size() == 1);
  CHECK(text(only[0].words) == "1 0");
  CHECK(only[0].finished);
  CHECK(only[0].log_prob == -6);

  chain(2, 0) = kImpossible;  // a dead end: the hypothesis is unfinished
  const Nbest dead = search(chain, short_search(4, 4));
  REQUIRE(dead.size() == 1);
  CHECK(text(dead[0].words) == "1 0");
  CHECK_FALSE(dead[0].finished);
  CHECK(dead[0].score == -1.5);

  chain(1, 3) = kImpossible;  // no first word is possible
  const Nbest nothing = search(chain, short_search(4, 4));
  REQUIRE(nothing.size() == 1);
  CHECK(nothing[0].words.empty());
  CHECK_FALSE(nothing[0].finished);
  CHECK(nothing[0].score == 0);
}

TEST_CASE("each source of a batch gets the result that it gets alone, and leaves when finished") {
  std::vector<Chain> chains;
  for (unsigned seed = 1; seed <= 6; ++seed) chains.push_back(random_chain(7, seed));
  chains[2].row(2).array() += 3;  // ends soon
  chains[4].row(2).array() -= 3;  // ends late
  for (Chain& chain : chains) chain = chain.array().min(Real(0));
  const std::vector<Ids> sources = {{2, 6},       {0, 1, 6}, {4, 1, 1, 1, 6}, {1, 6},
                                    {5, 5, 5, 6}, {3, 6},    {4, 6}};
  const SearchOptions options{.beam_size = 4, .constraints = {.max_length_ratio = 2}, .n_best = 3};
  Markov batch(chains), single(chains);
  const std::vector<Nbest> together = beam_search(batch, sources, options);
  REQUIRE(together.size() == sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    CAPTURE(i);
    const Nbest alone = beam_search(single, std::vector<Ids>{sources[i]}, options).at(0);
    REQUIRE(alone.size() == 3);
    REQUIRE(together[i].size() == 3);
    for (std::size_t n = 0; n < alone.size(); ++n) {
      CHECK(text(together[i][n].words) == text(alone[n].words));
      CHECK(together[i][n].word_log_probs == alone[n].word_log_probs);
      CHECK(together[i][n].score == alone[n].score);
      CHECK(together[i][n].attention == alone[n].attention);
    }
  }
  CHECK(batch.columns == single.columns);
  CHECK(batch.steps < single.steps);
  CHECK(beam_search(batch, {}, options).empty());
}

TEST_CASE("the search for a source ends as soon as it is not wanted, and the others go on") {
  std::vector<Chain> chains;
  for (unsigned seed = 1; seed <= 6; ++seed) {
    chains.push_back(random_chain(7, seed).array().min(Real(0)));
    chains.back().row(2).array() -= 9;  // ends late
  }
  const std::vector<Ids> sources = {{2, 6}, {0, 1, 6}, {4, 1, 1, 6}};
  SearchOptions options{.beam_size = 4, .constraints = {.max_length_ratio = 3}, .n_best = 3};
  Markov all(chains), some(chains), none(chains);
  const std::vector<Nbest> expected = beam_search(all, sources, options);
  int questions = 0;
  options.is_wanted = [&](std::size_t i) { return i != 1 || ++questions < 3; };
  const std::vector<Nbest> got = beam_search(some, sources, options);
  CHECK(questions == 3);
  CHECK(some.columns < all.columns);
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
    REQUIRE(got[i].size() == expected[i].size());
    for (std::size_t n = 0; n < got[i].size(); ++n) CHECK(got[i][n].words == expected[i][n].words);
  }
  REQUIRE_FALSE(got[1].empty());
  for (const Hypothesis& h : got[1]) CHECK((h.finished || h.words.size() == 2));
  options.is_wanted = [](std::size_t) { return false; };
  beam_search(none, sources, options);
  CHECK(none.steps == 1);
}

TEST_CASE("attention weights stay with their hypothesis when columns are reordered") {
  std::vector<Chain> chains;
  for (unsigned seed = 11; seed <= 14; ++seed) chains.push_back(random_chain(9, seed));
  for (Chain& chain : chains) chain.row(2).array() -= 1;
  Markov model(chains);
  const std::vector<Ids> sources = {{0, 2}, {1, 1, 2}, {2, 1, 1, 2}, {3, 2}};
  const auto all = beam_search(
      model, sources, {.beam_size = 5, .constraints = {.max_length_ratio = 1}, .n_best = 5});
  for (std::size_t s = 0; s < all.size(); ++s)
    for (const auto& h : all[s]) {
      REQUIRE(h.attention.size() == 2);
      for (Index m = 0; m < 2; ++m) {
        const Mat& weights = h.attention[static_cast<std::size_t>(m)];
        REQUIRE(weights.rows() == static_cast<Index>(sources[s].size()));
        REQUIRE(weights.cols() == static_cast<Index>(h.words.size() + (h.finished ? 1 : 0)));
        for (Index t = 0; t < weights.cols(); ++t)
          for (Index i = 0; i < weights.rows(); ++i)
            CHECK(weights(i, t) ==
                  Markov::weight(std::span(h.words).first(static_cast<std::size_t>(t)), i, m));
      }
    }
}

TEST_CASE("hypotheses of a model without attention have no attention weights") {
  Markov model({random_chain(4, 1)}, 2, 0);
  CHECK(beam_search(model, std::vector<Ids>{{0, 2}}, {}).at(0).at(0).attention.empty());
}

TEST_CASE("beam search reports options outside of their ranges as a bug") {
  Markov model({random_chain(3, 1)});
  const std::vector<Ids> source = {{0}};
  CHECK_THROWS_AS(beam_search(model, source, {.beam_size = 0}), Bug);
  CHECK_THROWS_AS(beam_search(model, source, {.beam_size = 2, .n_best = 3}), Bug);
  CHECK_THROWS_AS(beam_search(model, source, {.scoring = {-1}}), Bug);
  CHECK_THROWS_AS(beam_search(model, source, {.constraints = {.max_length_ratio = -1}}), Bug);
}

}  // namespace attn::test
