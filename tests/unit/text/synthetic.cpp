// Synthetic text: lengths, word frequencies, and dependence on the key.
#include "text/synthetic.h"

#include <cmath>
#include <set>

#include <doctest/doctest.h>

namespace attn {
namespace {

struct Moments {
  double sum = 0, squares = 0, n = 0;
  void add(double x) { sum += x, squares += x * x, n += 1; }
  double mean() const { return sum / n; }
  double deviation() const { return std::sqrt(squares / n - mean() * mean()); }
};

double log_length(std::span<const int> sentence) {
  return std::log(static_cast<double>(sentence.size() - 1));
}

}  // namespace

TEST_CASE("a synthetic tokenizer has a piece for each word, and encoding inverts decoding") {
  for (const int size : {3, 100, 8000}) {
    CAPTURE(size);
    const Tokenizer words = synthetic_tokenizer(size);
    CHECK(words.size() == size);
    std::set<std::string> pieces;
    std::vector<int> ids;
    for (int id = 0; id < size; ++id) {
      pieces.insert(words.piece(id));
      if (id != words.unk() && id != words.eos()) ids.push_back(id);
    }
    CHECK(pieces.size() == static_cast<std::size_t>(size));
    CHECK(words.encode(words.decode(ids)) == ids);
  }
}

TEST_CASE("synthetic sentences have the lengths of Multi30k and Zipf's frequencies") {
  const Tokenizer source = synthetic_tokenizer(500), target = synthetic_tokenizer(300);
  constexpr std::size_t n = 4000;
  const Corpus corpus = synthetic_corpus(n, source, target, RandomKey(7));
  REQUIRE(corpus.size() == n);
  Moments s, t, products;
  std::vector<double> counts(500);
  for (std::size_t i = 0; i < n; ++i) {
    REQUIRE(corpus.source(i).back() == source.eos());
    REQUIRE(corpus.target(i).back() == target.eos());
    s.add(log_length(corpus.source(i))), t.add(log_length(corpus.target(i)));
    products.add(log_length(corpus.source(i)) * log_length(corpus.target(i)));
    for (const int id : corpus.source(i).first(corpus.source(i).size() - 1)) {
      REQUIRE(id >= 2);
      REQUIRE(id < source.size());
      ++counts[static_cast<std::size_t>(id)];
    }
  }
  // Measured on the 29,000 training pairs of Multi30k, in pieces of unigram models of size 8000.
  CHECK(s.mean() == doctest::Approx(2.60).epsilon(0.02));
  CHECK(t.mean() == doctest::Approx(2.62).epsilon(0.02));
  CHECK(s.deviation() == doctest::Approx(0.307).epsilon(0.06));
  CHECK(t.deviation() == doctest::Approx(0.349).epsilon(0.06));
  const double covariance = products.mean() - s.mean() * t.mean();
  CHECK(covariance / (s.deviation() * t.deviation()) == doctest::Approx(0.84).epsilon(0.03));
  // The tolerances are more than three standard deviations.
  CHECK(counts[2] / counts[3] == doctest::Approx(2).epsilon(0.07));
  CHECK(counts[2] / counts[11] == doctest::Approx(10).epsilon(0.1));
}

TEST_CASE("synthetic text is a function of the key") {
  const Tokenizer words = synthetic_tokenizer(50);
  const auto print = [&](std::uint64_t key, std::size_t pairs) {
    return synthetic_corpus(pairs, words, words, RandomKey(key)).text().fingerprint;
  };
  CHECK(print(1, 20) == print(1, 20));
  CHECK(print(1, 20) != print(2, 20));
}

}  // namespace attn
