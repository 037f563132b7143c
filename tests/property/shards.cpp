// The number of threads does not change an update; the number of shards changes only its rounding.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "property/run.h"
#include "property/tiny.h"
#include "train/gradient.h"

namespace attn::test {
namespace {

struct Sum {
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
  // The model is large enough for several ranges of the arena.
  const TinyTask& configured(double embedding_dropout) {
    task.config.model.hidden_size = 97;
    task.config.model.dropout = {embedding_dropout, 0, 0.3, 0.3};
    return task;
  }

  // Returns the gradient of an update over these batches.
  Sum sum(int shards, int threads, const std::vector<std::vector<std::uint32_t>>& batches) {
    Pool pool(threads);
    SingleProcess process;
    Gradient gradient(model.network, shards, {pool, process});
    Sum result;
    for (int round = 0; round < 2; ++round) {  // the second round starts with used arenas
      gradient.begin();
      for (const auto& batch : batches)
        gradient.accumulate(Weights(model.weights, precision), task.data.train.corpus(), batch,
                            {0.1}, noise);
      gradient.sum();
      const double square = gradient.squared_norm();
      const auto flat = gradient.total().flat();
      result = {
          {flat.begin(), flat.end()}, square, gradient.sums().objective, gradient.sums().tokens};
      gradient.total().set_zero();
    }
    return result;
  }
};

std::vector<std::uint32_t> sentences(std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint32_t> out(end - begin);
  std::iota(out.begin(), out.end(), begin);
  return out;
}

// Calls f(problem) with embedding dropout, where each word has a column of its own in products, and
// without, where equal words share a column.
template <class F>
void with_and_without_embedding_dropout(F&& f) {
  for (const double dropout : {0.3, 0.0}) {
    CAPTURE(dropout);
    Problem problem(dropout);
    CHECK(problem.model.network.deduplicates_words(problem.noise) == (dropout == 0));
    f(problem);
  }
}

// Returns the pairs of each shard. They are sorted by length, longest first, and assigned to shards
// forward and backward in turn.
std::vector<std::vector<std::uint32_t>> divide(const Corpus& corpus, std::size_t shards) {
  std::vector<std::uint32_t> order = sentences(0, 31);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return std::pair(corpus.target(a).size(), corpus.source(a).size()) >
           std::pair(corpus.target(b).size(), corpus.source(b).size());
  });
  std::vector<std::vector<std::uint32_t>> out(shards);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t position = i % shards;
    out[i / shards % 2 == 0 ? position : shards - 1 - position].push_back(order[i]);
  }
  return out;
}

void check_rounding(const Sum& got, const Sum& want) {
  CHECK(got.tokens == want.tokens);
  CHECK(got.objective == doctest::Approx(want.objective).epsilon(1e-6));
  CHECK(got.square == doctest::Approx(want.square).epsilon(1e-5));
  check_near("gradient", got.gradient, want.gradient, 1e-5);
}

}  // namespace

TEST_CASE("three shards of unequal size give the same bits on 1, 2 and 4 threads") {
  with_and_without_embedding_dropout([](Problem& problem) {
    const Sum one = problem.sum(3, 1, {sentences(0, 10), sentences(10, 31)});
    CHECK(one.square > 0);
    CHECK(one.gradient.size() > 2 * 65536);  // several ranges
    for (const int threads : {2, 4}) {
      CAPTURE(threads);
      const Sum many = problem.sum(3, threads, {sentences(0, 10), sentences(10, 31)});
      CHECK(many.gradient == one.gradient);
      CHECK(many.square == one.square);
      CHECK(many.objective == one.objective);
    }
  });
}

TEST_CASE(
    "a bfloat16 gradient is close to the float32 one and does not depend on the number of threads" *
    doctest::test_suite("needs bfloat16")) {
  with_and_without_embedding_dropout([](Problem& problem) {
    const Sum exact = problem.sum(3, 1, {sentences(0, 31)});
    problem.precision = Precision::bfloat16;
    const Sum one = problem.sum(3, 1, {sentences(0, 31)});
    double error = 0;
    for (std::size_t i = 0; i < one.gradient.size(); ++i)
      error += std::pow(double(one.gradient[i]) - double(exact.gradient[i]), 2);
    CHECK(std::sqrt(error / exact.square) < 0.06);  // eight bits per number, and cancellation
    CHECK(std::sqrt(error / exact.square) > 1e-5);  // bfloat16 was used
    CHECK(one.objective == doctest::Approx(exact.objective).epsilon(1e-3));
    for (const int threads : {2, 4})
      CHECK(problem.sum(3, threads, {sentences(0, 31)}).gradient == one.gradient);
  });
}

TEST_CASE_FIXTURE(Problem,
                  "summing only the embedding rows of the batch's words gives the whole gradient") {
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
  model.network.loss_and_gradient(Weights(model.weights), batch, {0.1}, noise, scratch, whole);
  double square = 0;
  for (const Real x : whole.flat()) square += double(x) * double(x);
  for (const int shards : {1, 3}) {
    CAPTURE(shards);
    const Sum got = sum(shards, 2, {sentences(0, 31)});
    check_near("gradient", got.gradient, {whole.flat().begin(), whole.flat().end()}, 1e-5);
    CHECK(got.square == doctest::Approx(square).epsilon(1e-5));
  }
}

TEST_CASE("the number of shards changes a gradient only by rounding, with dropout too") {
  with_and_without_embedding_dropout([](Problem& problem) {
    const Sum one = problem.sum(1, 1, {sentences(0, 31)});
    for (const int shards : {2, 3, 40}) {  // 40: some are empty
      CAPTURE(shards);
      check_rounding(problem.sum(shards, 2, {sentences(0, 31)}), one);
    }
  });
}

TEST_CASE_FIXTURE(Problem,
                  "the sum of the shards equals the sum of their gradients in double, up to 1e-6 "
                  "of its norm") {
  const Corpus& corpus = task.data.train.corpus();
  Seq2Seq::Scratch scratch(model.network);
  for (const std::size_t shards : {2U, 3U, 7U, 16U}) {
    CAPTURE(shards);
    std::vector<double> exact(model.weights.flat().size());
    for (const auto& shard : divide(corpus, shards)) {
      std::vector<Words> sources, targets;
      for (const auto pair : shard) {
        sources.push_back(corpus.source(pair));
        targets.push_back(corpus.target(pair));
      }
      Batch batch;
      batch.assign(sources, targets, std::vector<std::uint64_t>(shard.begin(), shard.end()));
      Params gradient(model.network.layout());
      model.network.loss_and_gradient(Weights(model.weights), batch, {0.1}, noise, scratch,
                                      gradient);
      for (std::size_t i = 0; i < exact.size(); ++i) exact[i] += double(gradient.flat()[i]);
    }
    const Sum got = sum(static_cast<int>(shards), 2, {sentences(0, 31)});
    double error = 0, square = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      error += std::pow(double(got.gradient[i]) - exact[i], 2);
      square += exact[i] * exact[i];
    }
    CHECK(std::sqrt(error / square) < 1e-6);
    CHECK(got.square == doctest::Approx(square).epsilon(1e-6));
  }
}

TEST_CASE("the chunks of a large shard change a gradient only by rounding") {
  with_and_without_embedding_dropout([](Problem& problem) {
    const std::vector<std::vector<std::uint32_t>> small(20, sentences(0, 31));
    std::vector<std::uint32_t> large;
    for (const auto& batch : small) large.insert(large.end(), batch.begin(), batch.end());
    const Sum chunks = problem.sum(1, 1, {large});
    CHECK(chunks.tokens > 3 * 640);  // target words; a chunk has 1280 words of both sides
    check_rounding(chunks, problem.sum(1, 1, small));
  });
}

TEST_CASE(
    "pairs are divided evenly into shards, and the distinct words of each shard are counted") {
  with_and_without_embedding_dropout([](Problem& problem) {
    const Corpus& corpus = problem.task.data.train.corpus();
    const bool merges = problem.model.network.deduplicates_words(problem.noise);
    const auto count = [&](const std::multiset<int>& words) {
      return static_cast<double>(merges ? std::set<int>(words.begin(), words.end()).size()
                                        : words.size());
    };
    for (const std::size_t shards : {1U, 2U, 40U}) {
      CAPTURE(shards);
      double source = 0, target = 0;
      for (const auto& shard : divide(corpus, shards)) {
        std::multiset<int> encoder_reads, decoder_reads;
        for (const std::uint32_t pair : shard) {
          const Words x = corpus.source(pair), y = corpus.target(pair);
          encoder_reads.insert(x.begin(), x.end());
          decoder_reads.insert(-1);
          decoder_reads.insert(y.begin(), y.end() - 1);
        }
        source += count(encoder_reads), target += count(decoder_reads);
      }
      Pool pool(2);
      SingleProcess process;
      Gradient gradient(problem.model.network, static_cast<int>(shards), {pool, process});
      gradient.begin();
      gradient.accumulate(Weights(problem.model.weights), corpus, sentences(0, 31), {},
                          problem.noise);
      CHECK(gradient.sums().distinct_source == source);
      CHECK(gradient.sums().distinct_target == target);
    }
  });
}

TEST_CASE_FIXTURE(
    Problem,
    "the gradient of several batches in one update equals that of one batch, with dropout") {
  check_rounding(sum(2, 1, {sentences(0, 10), sentences(10, 31)}), sum(2, 1, {sentences(0, 31)}));
}

TEST_CASE_FIXTURE(Problem, "dropout masks change from update to update") {
  const Sum now = sum(1, 1, {sentences(0, 31)});
  noise.key = noise.key.at(1);
  CHECK(sum(1, 1, {sentences(0, 31)}).gradient != now.gradient);
}

}  // namespace attn::test
