// What the number of threads and of shards may change of an update: nothing, and the last bits.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "property/run.h"
#include "property/tiny.h"
#include "train/gradient.h"

namespace attn::test {
namespace {

struct Summed {
  std::vector<Real> gradient;
  double square, objective, tokens;
};

struct Problem {
  TinyTask task{31, 1, 7};
  Model model;
  Precision precision = Precision::float32;
  DropoutContext noise{true, RandomKey(5)};

  explicit Problem(double embedding_dropout = 0.3) : model(configured(embedding_dropout).model()) {
    const Params w = random_weights(model.network, RandomKey(3), 0.1);
    std::copy_n(w.flat().data(), w.flat().size(), model.weights.flat().data());
  }
  // Large enough for several runs of an arena.
  const TinyTask& configured(double embedding_dropout) {
    task.config.model.hidden_size = 97;
    task.config.model.dropout = {embedding_dropout, 0, 0.3, 0.3};
    return task;
  }

  // The gradient of an update over these batches.
  Summed sum(int shards, int threads, const std::vector<std::vector<std::uint32_t>>& batches) {
    Pool pool(threads);
    Gradient gradient(model.network, shards, precision, pool);
    Summed summed;
    for (int round = 0; round < 2; ++round) {  // the second starts from used arenas
      gradient.begin();
      for (const auto& batch : batches)
        gradient.accumulate(model.weights, task.data.train.corpus(), batch, {0.1}, noise);
      const double square = gradient.sum();
      const auto flat = gradient.total().flat();
      summed = {
          {flat.begin(), flat.end()}, square, gradient.sums().objective, gradient.sums().tokens};
      gradient.total().set_zero();
    }
    return summed;
  }
};

std::vector<std::uint32_t> sentences(std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint32_t> out(end - begin);
  std::iota(out.begin(), out.end(), begin);
  return out;
}

// Equal words are one column of a product, or dropout makes them differ.
template <class F>
void with_and_without_dropout_of_embeddings(F&& f) {
  for (const double dropout : {0.3, 0.0}) {
    CAPTURE(dropout);
    Problem problem(dropout);
    CHECK(problem.model.network.merges_equal_words(problem.noise) == (dropout == 0));
    f(problem);
  }
}

void check_rounding(const Summed& got, const Summed& want) {
  CHECK(got.tokens == want.tokens);
  CHECK(got.objective == doctest::Approx(want.objective).epsilon(1e-6));
  CHECK(got.square == doctest::Approx(want.square).epsilon(1e-5));
  check_near("gradient", got.gradient, want.gradient, 1e-5);
}

}  // namespace

TEST_CASE("three shards of unequal size give the same bits on 1, 2 and 4 threads") {
  with_and_without_dropout_of_embeddings([](Problem& problem) {
    const Summed one = problem.sum(3, 1, {sentences(0, 10), sentences(10, 31)});
    CHECK(one.square > 0);
    CHECK(one.gradient.size() > 2 * 65536);  // several parts
    for (const int threads : {2, 4}) {
      CAPTURE(threads);
      const Summed many = problem.sum(3, threads, {sentences(0, 10), sentences(10, 31)});
      CHECK(many.gradient == one.gradient);
      CHECK(many.square == one.square);
      CHECK(many.objective == one.objective);
    }
  });
}

TEST_CASE("in bfloat16 the gradient is near, whatever the threads") {
  if (!available(Precision::bfloat16)) {
    MESSAGE("this processor or build has no products of bfloat16: not tried");
    return;
  }
  with_and_without_dropout_of_embeddings([](Problem& problem) {
    const Summed exact = problem.sum(3, 1, {sentences(0, 31)});
    problem.precision = Precision::bfloat16;
    const Summed one = problem.sum(3, 1, {sentences(0, 31)});
    double off = 0;
    for (std::size_t i = 0; i < one.gradient.size(); ++i)
      off += std::pow(double(one.gradient[i]) - double(exact.gradient[i]), 2);
    CHECK(std::sqrt(off / exact.square) < 0.06);  // a number keeps eight bits, and sums cancel
    CHECK(std::sqrt(off / exact.square) > 1e-5);  // it was made so
    CHECK(one.objective == doctest::Approx(exact.objective).epsilon(1e-3));
    for (const int threads : {2, 4})
      CHECK(problem.sum(3, threads, {sentences(0, 31)}).gradient == one.gradient);
  });
}

TEST_CASE_FIXTURE(Problem, "what is summed row by row is all of the gradient") {
  noise.on = false;
  const Corpus& corpus = task.data.train.corpus();
  std::vector<Words> sources, targets;
  for (std::size_t i = 0; i < 31; ++i) {
    sources.push_back(corpus.source(i));
    targets.push_back(corpus.target(i));
  }
  Batch batch;
  batch.assign(sources, targets, std::vector<std::uint64_t>(31));
  Seq2Seq::Scratch scratch(model.network);
  Params whole(model.network.layout());
  model.network.loss_and_gradient(model.weights, batch, {0.1}, noise, scratch, whole);
  double square = 0;
  for (const Real x : whole.flat()) square += double(x) * double(x);
  for (const int shards : {1, 3}) {
    CAPTURE(shards);
    const Summed got = sum(shards, 2, {sentences(0, 31)});
    check_near("gradient", got.gradient, {whole.flat().begin(), whole.flat().end()}, 1e-5);
    CHECK(got.square == doctest::Approx(square).epsilon(1e-5));
  }
}

TEST_CASE("the number of shards changes rounding alone: dropout does not see it") {
  with_and_without_dropout_of_embeddings([](Problem& problem) {
    const Summed one = problem.sum(1, 1, {sentences(0, 31)});
    for (const int shards : {2, 3, 40}) {  // 40: some are empty
      CAPTURE(shards);
      check_rounding(problem.sum(shards, 2, {sentences(0, 31)}), one);
    }
  });
}

TEST_CASE("a shard that is too large for a pass is passed in parts: rounding alone tells") {
  with_and_without_dropout_of_embeddings([](Problem& problem) {
    const std::vector<std::vector<std::uint32_t>> small(20, sentences(0, 31));
    std::vector<std::uint32_t> large;
    for (const auto& batch : small) large.insert(large.end(), batch.begin(), batch.end());
    const Summed parts = problem.sum(1, 1, {large});
    CHECK(parts.tokens > 3 * 640);  // of one side, where a pass takes 1280 of both
    check_rounding(parts, problem.sum(1, 1, small));
  });
}

TEST_CASE("shards have as many words, and their distinct ones are counted") {
  with_and_without_dropout_of_embeddings([](Problem& problem) {
    const Corpus& corpus = problem.task.data.train.corpus();
    const bool merges = problem.model.network.merges_equal_words(problem.noise);
    // By lengths, the longest first; dealt forth and back.
    std::vector<std::uint32_t> order = sentences(0, 31);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
      return std::pair(corpus.target(a).size(), corpus.source(a).size()) >
             std::pair(corpus.target(b).size(), corpus.source(b).size());
    });
    const auto count = [&](const std::multiset<int>& words) {
      return static_cast<double>(merges ? std::set<int>(words.begin(), words.end()).size()
                                        : words.size());
    };
    for (const std::size_t shards : {1U, 2U, 40U}) {
      CAPTURE(shards);
      double source = 0, target = 0;
      for (std::size_t shard = 0; shard < shards; ++shard) {
        std::multiset<int> encoder_reads, decoder_reads;
        for (std::size_t i = 0; i < order.size(); ++i) {
          const std::size_t place = i % shards;
          if ((i / shards % 2 == 0 ? place : shards - 1 - place) != shard) continue;
          const Words x = corpus.source(order[i]), y = corpus.target(order[i]);
          encoder_reads.insert(x.begin(), x.end());
          decoder_reads.insert(-1);
          decoder_reads.insert(y.begin(), y.end() - 1);
        }
        source += count(encoder_reads), target += count(decoder_reads);
      }
      Pool pool(2);
      Gradient gradient(problem.model.network, static_cast<int>(shards), Precision::float32, pool);
      gradient.begin();
      gradient.accumulate(problem.model.weights, corpus, sentences(0, 31), {}, problem.noise);
      CHECK(gradient.sums().distinct_source == source);
      CHECK(gradient.sums().distinct_target == target);
    }
  });
}

TEST_CASE_FIXTURE(Problem, "batches of one update are one batch: dropout counts on") {
  check_rounding(sum(2, 1, {sentences(0, 10), sentences(10, 31)}), sum(2, 1, {sentences(0, 31)}));
}

TEST_CASE_FIXTURE(Problem, "dropout changes from update to update") {
  const Summed now = sum(1, 1, {sentences(0, 31)});
  noise.key = noise.key.at(1);
  CHECK(sum(1, 1, {sentences(0, 31)}).gradient != now.gradient);
}

}  // namespace attn::test
